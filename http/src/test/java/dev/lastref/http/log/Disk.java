package dev.lastref.http.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;

/** A disk that is full until there is room, and then takes a few bytes at a time, of which the last do not fit. */
final class Disk implements WritableByteChannel {
    private final StringBuilder written = new StringBuilder();
    private int room;

    synchronized void makeRoom(int bytes) {
        room += bytes;
    }

    synchronized String written() {
        return written.toString();
    }

    @Override
    public synchronized int write(ByteBuffer bytes) throws IOException {
        if (room == 0) {
            throw new IOException("No space left on device");
        }
        byte[] taken = new byte[Math.min(room, bytes.remaining())];
        bytes.get(taken);
        room -= taken.length;
        written.append(new String(taken, StandardCharsets.US_ASCII));
        return taken.length;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {}
}
