package dev.lastref.samples.blobstore;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A client that reads only when told to. */
final class BlobClient implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20_000;

    private final Socket socket = new Socket();
    private final InputStream in;

    BlobClient(InetSocketAddress server) throws IOException {
        // Small, so that most of a large blob that is not read waits in the server.
        socket.setReceiveBufferSize(32 * 1024);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.connect(server, PATIENCE_MILLIS);
        in = new BufferedInputStream(socket.getInputStream(), 1024);
    }

    String put(String name, byte[] bytes) throws IOException {
        send("PUT " + name + " " + bytes.length + "\n");
        socket.getOutputStream().write(bytes);
        return readLine();
    }

    byte[] get(String name) throws IOException {
        String answer = ask("GET " + name);
        if (!answer.startsWith("BLOB ")) {
            throw new IOException("GET " + name + ": " + answer);
        }
        return read(Integer.parseInt(answer.substring("BLOB ".length())));
    }

    String ask(String line) throws IOException {
        send(line + "\n");
        return readLine();
    }

    /** One of the numbers of STAT. */
    long stat(String what) throws IOException {
        for (String pair : ask("STAT").split(" ", -1)) {
            if (pair.startsWith(what + "=")) {
                return Long.parseLong(pair.substring(what.length() + 1));
            }
        }
        throw new IOException("STAT does not tell " + what);
    }

    void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    String readLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new IOException("the connection ended within a line: " + line);
            }
            line.write(next);
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    byte[] read(int length) throws IOException {
        return in.readNBytes(length);
    }

    boolean isAtEnd() throws IOException {
        return in.read() < 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
