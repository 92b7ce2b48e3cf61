package dev.lastref.http.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A client of HTTP/2 with prior knowledge that sends what it is told, frame by frame, and knows no rules. */
public final class RawHttp2 implements AutoCloseable {
    public static final int DATA = 0;
    public static final int HEADERS = 1;
    public static final int PRIORITY = 2;
    public static final int RST_STREAM = 3;
    public static final int SETTINGS = 4;
    public static final int PUSH_PROMISE = 5;
    public static final int PING = 6;
    public static final int GOAWAY = 7;
    public static final int WINDOW_UPDATE = 8;
    public static final int CONTINUATION = 9;
    public static final int END_STREAM = 1;
    public static final int END_HEADERS = 4;

    /** A frame as it came. */
    public record Frame(int type, int flags, int stream, byte[] payload) {
        public boolean endsStream() {
            return (flags & END_STREAM) != 0 && (type == DATA || type == HEADERS);
        }

        /** Of a head as this server writes it: the first field, indexed or literal; 0: it is no head. */
        public int status() {
            if (type != HEADERS) {
                return 0;
            }
            int at = payload[0] == 0x20 ? 1 : 0; // a change of the table's size may come first
            if (payload[at] < 0) {
                return new int[] {200, 204, 206, 304, 400, 404, 500}[(payload[at] & 0x7f) - 8];
            }
            return Integer.parseInt(new String(payload, at + 2, payload[at + 1], ISO_8859_1));
        }

        /** Of RST_STREAM and GOAWAY. */
        public int error() {
            return java.nio.ByteBuffer.wrap(payload).getInt(type == GOAWAY ? 4 : 0);
        }

        /** Of GOAWAY. */
        public int lastStream() {
            return java.nio.ByteBuffer.wrap(payload).getInt(0);
        }

        public String text() {
            return new String(payload, ISO_8859_1);
        }
    }

    private final Socket socket;
    private final DataInputStream in;
    private boolean wasReset;

    private RawHttp2(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(socket.getInputStream());
    }

    /**
     * Connects, and sends preface and settings.
     *
     * @param settings identifiers and values, in turn
     */
    public static RawHttp2 connect(InetSocketAddress address, int... settings) throws IOException {
        return over(new Socket(address.getAddress(), address.getPort()), settings);
    }

    /** The same on a connection that is there, such as one of TLS. */
    public static RawHttp2 over(Socket socket, int... settings) throws IOException {
        socket.setSoTimeout(30_000);
        socket.setTcpNoDelay(true); // else a frame waits for the acknowledgement of the one before, which is delayed
        RawHttp2 client = new RawHttp2(socket);
        socket.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(ISO_8859_1));
        ByteArrayOutputStream pairs = new ByteArrayOutputStream();
        for (int i = 0; i < settings.length; i += 2) {
            pairs.writeBytes(new byte[] {(byte) (settings[i] >> 8), (byte) settings[i]});
            pairs.writeBytes(number(settings[i + 1]));
        }
        return client.send(SETTINGS, 0, 0, pairs.toByteArray());
    }

    public static byte[] number(int value) {
        return new byte[] {(byte) (value >> 24), (byte) (value >> 16), (byte) (value >> 8), (byte) value};
    }

    public RawHttp2 send(int type, int flags, int stream, byte[] payload) throws IOException {
        return sendRaw(frame(type, flags, stream, payload));
    }

    /** Bytes that are no frame. */
    public RawHttp2 sendRaw(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    /** The frame as it would be sent. */
    public static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return java.nio.ByteBuffer.allocate(9 + payload.length)
                .putInt((payload.length << 8) | type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    /** A field block: names and values in turn, each literal, without index and without Huffman's code (RFC 7541, section 6.2.2). */
    public static byte[] block(String... fields) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (int i = 0; i < fields.length; i += 2) {
            block.write(0);
            string(block, fields[i]);
            string(block, fields[i + 1]);
        }
        return block.toByteArray();
    }

    private static void string(ByteArrayOutputStream to, String text) {
        byte[] bytes = text.getBytes(ISO_8859_1);
        if (bytes.length < 127) {
            to.write(bytes.length);
        } else {
            to.write(127);
            int left = bytes.length - 127;
            while (left >= 128) {
                to.write((left & 127) | 128);
                left >>= 7;
            }
            to.write(left);
        }
        to.writeBytes(bytes);
    }

    /** A GET without content. */
    public RawHttp2 get(int stream, String path) throws IOException {
        return send(
                HEADERS,
                END_HEADERS | END_STREAM,
                stream,
                block(":method", "GET", ":scheme", "http", ":authority", "test", ":path", path));
    }

    /** The next frame; null: the connection has ended. */
    public @Nullable Frame read() throws IOException {
        int first;
        try {
            first = in.read();
        } catch (SocketException reset) {
            wasReset = true;
            return null;
        }
        if (first < 0) {
            return null;
        }
        try {
            int length = (first << 16) | (in.readUnsignedByte() << 8) | in.readUnsignedByte();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            int stream = in.readInt();
            byte[] payload = new byte[length];
            in.readFully(payload);
            return new Frame(type, flags, stream, payload);
        } catch (SocketException reset) {
            wasReset = true;
            return null;
        } catch (EOFException cut) {
            return null;
        }
    }

    /** Says that nothing more comes: by a FIN, or over TLS by close_notify. What is left to be read can be read. */
    public RawHttp2 endOutput() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /** Breaks the connection. */
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** Whether the connection, as far as it was read, ended in a reset of TCP. */
    public boolean wasReset() {
        return wasReset;
    }

    /** The next frame of a type; null: the connection has ended before. */
    public @Nullable Frame await(int type) throws IOException {
        Frame frame = read();
        while (frame != null && frame.type != type) {
            frame = read();
        }
        return frame;
    }

    /** Opens the windows of the connection and of a stream, or of all that are yet to begin by its settings. */
    public RawHttp2 open(int stream, int by) throws IOException {
        return send(WINDOW_UPDATE, 0, stream, number(by));
    }

    /** All frames of a stream up to its end or reset; the connection's end ends it too. */
    public List<Frame> stream(int id) throws IOException {
        List<Frame> frames = new ArrayList<>();
        while (true) {
            Frame frame = read();
            if (frame == null) {
                return frames;
            }
            if (frame.stream == id) {
                frames.add(frame);
                if (frame.endsStream() || frame.type == RST_STREAM) {
                    return frames;
                }
            }
        }
    }

    /** The same of several streams, by their numbers; those of others are dropped. */
    public Map<Integer, List<Frame>> streams(Integer... ids) throws IOException {
        Set<Integer> open = new HashSet<>(Set.of(ids));
        Map<Integer, List<Frame>> frames = new HashMap<>();
        while (!open.isEmpty()) {
            Frame frame = read();
            if (frame == null) {
                return frames;
            }
            if (open.contains(frame.stream)) {
                frames.computeIfAbsent(frame.stream, id -> new ArrayList<>()).add(frame);
                if (frame.endsStream() || frame.type == RST_STREAM) {
                    open.remove(frame.stream);
                }
            }
        }
        return frames;
    }

    /** What of a stream is content. */
    public static byte[] content(List<Frame> frames) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        frames.stream().filter(frame -> frame.type == DATA).forEach(frame -> content.writeBytes(frame.payload));
        return content.toByteArray();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
