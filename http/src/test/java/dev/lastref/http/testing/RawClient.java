package dev.lastref.http.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import javax.net.ssl.SSLContext;

/** A client of one raw socket. It keeps exact bytes and says how the connection ended. */
public final class RawClient implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 30_000;

    /** How the connection stands. */
    public enum Ending {
        OPEN,
        FIN,
        RST
    }

    /** Beneath TLS, if that is spoken. */
    private final Socket transport;

    private final Socket socket;
    private final InputStream in;
    private final byte[] buffer = new byte[64 * 1024];
    private int position;
    private int limit;
    private Ending ending = Ending.OPEN;

    private RawClient(Socket socket) throws IOException {
        this(socket, socket);
    }

    private RawClient(Socket transport, Socket socket) throws IOException {
        this.transport = transport;
        this.socket = socket;
        this.in = socket.getInputStream();
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
    }

    public static RawClient connect(InetSocketAddress address) throws IOException {
        return connect(address, 0);
    }

    /**
     * @param receiveBuffer SO_RCVBUF, so that a client that does not read stops the server soon; 0: the system's
     */
    public static RawClient connect(InetSocketAddress address, int receiveBuffer) throws IOException {
        return new RawClient(connected(address, receiveBuffer));
    }

    /** The same through TLS, which the client's words are then in. */
    public static RawClient connect(InetSocketAddress address, int receiveBuffer, SSLContext tls) throws IOException {
        Socket socket = connected(address, receiveBuffer);
        return new RawClient(socket, tls.getSocketFactory().createSocket(socket, "127.0.0.1", address.getPort(), true));
    }

    private static Socket connected(InetSocketAddress address, int receiveBuffer) throws IOException {
        Socket socket = new Socket();
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.connect(new InetSocketAddress("127.0.0.1", address.getPort()));
        return socket;
    }

    /** From another of this machine's addresses, such as 127.0.0.2. */
    public static RawClient connectFrom(String local, InetSocketAddress address) throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress(local, 0));
        socket.connect(new InetSocketAddress("127.0.0.1", address.getPort()));
        return new RawClient(socket);
    }

    /** One GET on a connection of its own, to the connection's end. */
    public static Response get(InetSocketAddress address, String target, String... fields) throws IOException {
        return ask(address, "GET", target, fields);
    }

    /** One request without content on a connection of its own, to the connection's end. */
    public static Response ask(InetSocketAddress address, String method, String target, String... fields)
            throws IOException {
        try (RawClient client = connect(address)) {
            return client.askAndEnd(method, target, fields);
        }
    }

    /** One request without content, to the connection's end. */
    Response askAndEnd(String method, String target, String... fields) throws IOException {
        String[] closing = java.util.Arrays.copyOf(fields, fields.length + 1);
        closing[fields.length] = "Connection: close";
        Response response = request(method, target, closing).response(method);
        awaitEnd();
        return response.endedBy(ending);
    }

    /** Sends an HTTP/1.1 request without content. */
    public RawClient request(String method, String target, String... fields) throws IOException {
        StringBuilder text = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: test\r\n");
        for (String field : fields) {
            text.append(field).append("\r\n");
        }
        return send(text + "\r\n");
    }

    public RawClient send(String text) throws IOException {
        return send(text.getBytes(ISO_8859_1));
    }

    public RawClient send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    /** Sends what is no word of the client's but of TLS itself. */
    public RawClient sendBeneathTls(byte[] bytes) throws IOException {
        transport.getOutputStream().write(bytes);
        return this;
    }

    public Socket socket() {
        return socket;
    }

    public Ending ending() {
        return ending;
    }

    /** The next byte; -1 at the connection's end, whichever it is. */
    public int read() throws IOException {
        if (position == limit && !fill()) {
            return -1;
        }
        return buffer[position++] & 0xff;
    }

    /** Up to {@code length} bytes; fewer only where the connection ended. */
    public byte[] read(long length) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream((int) Math.min(length, 1 << 20));
        while (bytes.size() < length && (position < limit || fill())) {
            int n = (int) Math.min(length - bytes.size(), limit - position);
            bytes.write(buffer, position, n);
            position += n;
        }
        return bytes.toByteArray();
    }

    private boolean fill() throws IOException {
        if (ending != Ending.OPEN) {
            return false;
        }
        try {
            int n = in.read(buffer);
            if (n > 0) {
                position = 0;
                limit = n;
                return true;
            }
            ending = Ending.FIN;
        } catch (SocketTimeoutException e) {
            throw new AssertionError("the server neither sends nor closes", e);
        } catch (SocketException e) {
            ending = Ending.RST;
        }
        return false;
    }

    /** Reads what is left and drops it. Fails if the connection stays open. */
    public Ending awaitEnd() throws IOException {
        read(Long.MAX_VALUE);
        return ending;
    }

    /** Whether the server sends nothing and leaves the connection open for so long. */
    public boolean isQuietFor(int millis) throws IOException {
        if (position < limit) {
            return false;
        }
        socket.setSoTimeout(millis);
        try {
            int n = in.read(buffer);
            limit = Math.max(n, 0);
            position = 0;
            ending = n < 0 ? Ending.FIN : ending;
            return false;
        } catch (SocketTimeoutException quiet) {
            return true;
        } finally {
            socket.setSoTimeout(PATIENCE_MILLIS);
        }
    }

    /** The next response's head. */
    public Response head() throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        for (int b = read(); b >= 0; b = read()) {
            head.write(b);
            String text = b == '\n' ? head.toString(ISO_8859_1) : "";
            if (text.endsWith("\r\n\r\n")) {
                return Response.ofHead(text.substring(0, text.length() - 4));
            }
        }
        return Response.none(head.toString(ISO_8859_1), ending);
    }

    /** The next response to a GET. */
    public Response response() throws IOException {
        return response("GET");
    }

    /** The next response. A response that does not come whole says so. */
    public Response response(String method) throws IOException {
        return content(head(), method);
    }

    /** The content that belongs to a head that was read. */
    public Response content(Response head, String method) throws IOException {
        int status = head.status();
        if (status == 0) {
            return head;
        }
        if (method.equals("HEAD") || status < 200 || status == 204 || status == 304) {
            return head.with(new byte[0], true, ending);
        }
        if (head.first("Transfer-Encoding") != null) {
            return chunked(head);
        }
        String length = head.first("Content-Length");
        byte[] body = read(length == null ? Long.MAX_VALUE : Long.parseLong(length));
        boolean whole = length == null ? ending == Ending.FIN : body.length == Long.parseLong(length);
        return head.with(body, whole, ending);
    }

    private Response chunked(Response head) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            String line = line();
            if (line == null) {
                return head.with(body.toByteArray(), false, ending);
            }
            int length = Integer.parseInt(line.split(";")[0], 16);
            byte[] chunk = read(length);
            body.writeBytes(chunk);
            String end = line();
            while (length == 0 && end != null && !end.isEmpty()) {
                end = line(); // trailers
            }
            if (chunk.length < length || end == null || length == 0) {
                return head.with(body.toByteArray(), length == 0 && end != null, ending);
            }
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = read(); b >= 0; b = read()) {
            if (b == '\n') {
                return line.toString().strip();
            }
            line.append((char) b);
        }
        return null;
    }

    /** Says that nothing more comes. What is left to be read can be read. */
    public RawClient endOutput() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /** Breaks the connection. */
    public void reset() throws IOException {
        transport.setSoLinger(true, 0);
        transport.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
