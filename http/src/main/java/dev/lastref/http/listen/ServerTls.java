package dev.lastref.http.listen;

import dev.lastref.http.log.Seldom;
import dev.lastref.pool.linux.FileLimit;
import dev.lastref.pool.linux.NamedPipe;
import io.undertow.UndertowOptions;
import io.undertow.connector.ByteBufferPool;
import io.undertow.protocols.ssl.UndertowXnioSsl;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Sequence;
import org.xnio.StreamConnection;
import org.xnio.Xnio;
import org.xnio.ssl.SslConnection;

/**
 * TLS for clients, 1.2 and 1.3 (RFC 9325): only key exchange with forward secrecy, only authenticated encryption. The files are looked
 * at every few seconds; when they change, connections from then on get the new certificate. Files that cannot be used are logged,
 * and the last good ones stay. So they do where there is no descriptor to read them with, until there is. All threads.
 */
public final class ServerTls implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(ServerTls.class.getName());
    private static final long LOOK_EVERY_MILLIS = 2000;
    private static final Sequence<String> PROTOCOLS = Sequence.of("TLSv1.3", "TLSv1.2");
    private static final Sequence<String> CIPHERS = Sequence.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");
    private static final OptionMap OPTIONS = OptionMap.builder()
            .set(Options.SSL_ENABLED_PROTOCOLS, PROTOCOLS)
            .set(Options.SSL_ENABLED_CIPHER_SUITES, CIPHERS)
            .set(UndertowOptions.SSL_USER_CIPHER_SUITES_ORDER, true)
            .getMap();
    private static final String[] HTTP1 = {"http/1.1"};
    private static final String[] HTTP2 = {"h2", "http/1.1"};
    private static final String H2 = "h2";
    private static final String REJECT_RENEGOTIATION = "jdk.tls.rejectClientInitiatedRenegotiation";

    private final List<PemFiles> files;
    private final Reader reader;
    private final ByteBufferPool buffers;
    private final Executor tasks;
    private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "lastref-certificates");
        thread.setDaemon(true);
        return thread;
    });
    private volatile UndertowXnioSsl ssl;
    private byte[] seen;
    private final Seldom tellOfDescriptors = new Seldom(System::nanoTime, Duration.ofMinutes(1));

    /** Reads a certificate. */
    interface Reader {
        PemIdentity read(PemFiles from) throws IOException;
    }

    /**
     * Reads the files, and goes on looking at them.
     *
     * @param files at least one; of several a client gets the one for the name that it asks for (SNI), and the first where none is
     * @param tasks runs what of a handshake takes long
     * @throws IOException if they cannot be used
     */
    public ServerTls(List<PemFiles> files, ByteBufferPool buffers, Executor tasks) throws IOException {
        this(files, buffers, tasks, from -> PemIdentity.read(from.certificates(), from.key()));
    }

    ServerTls(List<PemFiles> files, ByteBufferPool buffers, Executor tasks, Reader reader) throws IOException {
        this.reader = reader;
        this.files = List.copyOf(files);
        this.buffers = buffers;
        this.tasks = tasks;
        seen = content();
        ssl = load();
        ScheduledFuture<?> unused =
                watch.scheduleWithFixedDelay(this::look, LOOK_EVERY_MILLIS, LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    /**
     * Has the JVM do no second handshake at a client's wish, unless its operator has said something else: RFC 9113, section 9.2.1, forbids
     * it, and each costs a signature. JSSE reads that once, at the first handshake of all; so this is to be called before.
     */
    public static void rejectRenegotiation() {
        if (System.getProperty(REJECT_RENEGOTIATION) == null) {
            System.setProperty(REJECT_RENEGOTIATION, "true");
        }
    }

    private byte[] content() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (PemFiles each : files) {
            all.writeBytes(bytes(each.certificates()));
            all.writeBytes(bytes(each.key()));
        }
        return all.toByteArray();
    }

    private static byte[] bytes(Path file) throws IOException {
        NamedPipe.refuse(file);
        return Files.readAllBytes(file);
    }

    private UndertowXnioSsl load() throws IOException {
        List<PemIdentity> identities = new ArrayList<>();
        for (PemFiles each : files) {
            identities.add(reader.read(each));
        }
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {new CertificateChoice(identities)}, null, null);
            return new UndertowXnioSsl(
                    Xnio.getInstance(ServerTls.class.getClassLoader()),
                    OptionMap.EMPTY,
                    buffers,
                    WatchedContext.around(context),
                    tasks);
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot use " + named() + " for TLS: " + e.getMessage(), e);
        }
    }

    /** Looks whether they have changed, and takes them. */
    synchronized void look() {
        byte[] before = seen;
        try {
            byte[] now = content();
            if (Arrays.equals(now, before)) {
                return;
            }
            seen = now; // what is wrong with it is said once
            ssl = load();
            LOG.log(System.Logger.Level.INFO, "new connections get what is now in {0}", named());
        } catch (IOException e) {
            if (FileLimit.isReachedBy(e)) {
                seen = before; // nothing is wrong with it
                tellOfDescriptors(e);
            } else {
                tell(e);
            }
        } catch (RuntimeException e) {
            tell(e);
        }
    }

    private static void tell(Exception e) {
        LOG.log(
                System.Logger.Level.WARNING,
                "certificates stay as they are, though the files have changed: {0}",
                e.getMessage());
    }

    private void tellOfDescriptors(IOException e) {
        if (tellOfDescriptors.isTime()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "no descriptor is left to look at {0} with, so certificates stay as they are until one is; it is tried again"
                            + " without further word: {1}",
                    named(),
                    e.getMessage());
        }
    }

    private String named() {
        return files.stream().map(PemFiles::toString).collect(Collectors.joining(", and "));
    }

    /**
     * TLS over a connection that has been accepted. The handshake begins when it is read.
     *
     * @param http2 whether the client may have HTTP/2 (RFC 7301; RFC 9113, section 3.2)
     */
    SslConnection over(StreamConnection accepted, boolean http2) {
        SslConnection made = ssl.wrapExistingConnection(accepted, OPTIONS, false);
        SSLEngine engine = UndertowXnioSsl.getSslEngine(made);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setApplicationProtocols(http2 ? HTTP2 : HTTP1);
        engine.setSSLParameters(parameters);
        return made;
    }

    /** Whether HTTP/2 was agreed on in a handshake that is over. */
    static boolean isHttp2(SslConnection connection) {
        return H2.equals(UndertowXnioSsl.getSslEngine(connection).getApplicationProtocol());
    }

    /** How far a connection's handshake is, and why it has failed. */
    static WatchedEngine engine(SslConnection connection) {
        return (WatchedEngine) UndertowXnioSsl.getSslEngine(connection);
    }

    @Override
    public void close() {
        watch.shutdownNow();
    }
}
