package dev.lastref.samples.origin;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/**
 * Writes pictures as PNG (W3C Portable Network Graphics, third edition): eight bits a channel, three channels, every row filtered with
 * "Sub". The JDK's own encoder lives in java.desktop, and loading that costs more than the picture does.
 */
final class Png {

    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    private static final byte FILTER_SUB = 1;
    private static final int PIXEL = 3;

    private Png() {}

    static byte[] encode(int width, int height, byte[] rgb) {
        try {
            ByteArrayOutputStream png = new ByteArrayOutputStream(rgb.length / 2);
            DataOutputStream out = new DataOutputStream(png);
            out.write(SIGNATURE);
            byte[] header = ByteBuffer.allocate(13)
                    .putInt(width)
                    .putInt(height)
                    .put(new byte[] {8, 2, 0, 0, 0}) // depth, RGB, deflate, adaptive filters, not interlaced
                    .array();
            chunk(out, "IHDR", header);
            chunk(out, "IDAT", compressed(width, height, rgb));
            chunk(out, "IEND", new byte[0]);
            return png.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException("Writing to memory failed", e);
        }
    }

    private static byte[] compressed(int width, int height, byte[] rgb) throws IOException {
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream(rgb.length / 2);
            try (DeflaterOutputStream out = new DeflaterOutputStream(bytes, deflater, 16 * 1024)) {
                byte[] row = new byte[1 + width * PIXEL];
                row[0] = FILTER_SUB;
                for (int y = 0; y < height; y++) {
                    int start = y * width * PIXEL;
                    for (int i = 0; i < width * PIXEL; i++) {
                        int left = i < PIXEL ? 0 : rgb[start + i - PIXEL];
                        row[1 + i] = (byte) (rgb[start + i] - left);
                    }
                    out.write(row);
                }
            }
            return bytes.toByteArray();
        } finally {
            deflater.end();
        }
    }

    private static void chunk(DataOutputStream out, String type, byte[] data) throws IOException {
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(data);
        out.writeInt(data.length);
        out.write(name);
        out.write(data);
        out.writeInt((int) crc.getValue());
    }
}
