package dev.lastref.http.origin;

import dev.lastref.pool.linux.NamedPipe;
import io.undertow.UndertowOptions;
import io.undertow.connector.ByteBufferPool;
import io.undertow.protocols.ssl.UndertowXnioSsl;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.xnio.OptionMap;
import org.xnio.Options;
import org.xnio.Sequence;
import org.xnio.StreamConnection;
import org.xnio.Xnio;
import org.xnio.ssl.SslConnection;

/**
 * TLS to origins, 1.2 and 1.3. An origin's certificate must be signed by an authority that is trusted, and name its host (RFC 9110,
 * section 4.3.4); there is no way to go without. All threads.
 */
public final class OriginTls {
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};
    private static final String NAMES_ITS_HOST = "HTTPS";

    private final SSLContext context;
    private final WatchedTrust watched;
    private final UndertowXnioSsl ssl;

    /**
     * @param authorities PEM, one or more certificates; null: those that the JVM trusts
     * @param tasks runs what of a handshake takes long
     * @throws IOException if the file cannot be read, or has no certificate in it
     */
    public OriginTls(@Nullable Path authorities, ByteBufferPool buffers, Executor tasks) throws IOException {
        try {
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(authorities == null ? null : read(authorities));
            context = SSLContext.getInstance("TLS");
            watched = new WatchedTrust(ofX509(trust));
            context.init(null, new TrustManager[] {watched}, null);
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot prepare TLS to origins: " + e.getMessage(), e);
        }
        ssl = new UndertowXnioSsl(
                Xnio.getInstance(OriginTls.class.getClassLoader()), OptionMap.EMPTY, buffers, context, tasks);
    }

    private static X509ExtendedTrustManager ofX509(TrustManagerFactory trust) throws GeneralSecurityException {
        for (TrustManager each : trust.getTrustManagers()) {
            if (each instanceof X509ExtendedTrustManager found) {
                return found;
            }
        }
        throw new GeneralSecurityException("this JVM checks no X.509 certificates");
    }

    /** Why the origin on a connection was not believed; null: nothing was wrong with its certificate, as far as it was seen. */
    @Nullable
    String refusal(StreamConnection secured) {
        return secured instanceof SslConnection own ? watched.refusal(UndertowXnioSsl.getSslEngine(own)) : null;
    }

    private static KeyStore read(Path file) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        NamedPipe.refuse(file);
        try (InputStream in = Files.newInputStream(file)) {
            int n = 0;
            for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("authority-" + n++, one);
            }
            if (n == 0) {
                throw new IOException("no certificate in " + file);
            }
            return store;
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot read certificates from " + file + ": " + e.getMessage(), e);
        }
    }

    /** TLS over a connection to an origin. The handshake begins with the first write. */
    SslConnection over(StreamConnection connection, Origin origin) {
        OptionMap options = OptionMap.builder()
                .set(Options.SSL_PEER_HOST_NAME, origin.host())
                .set(Options.SSL_PEER_PORT, origin.port())
                .set(Options.SSL_ENABLED_PROTOCOLS, Sequence.of(PROTOCOLS))
                .set(UndertowOptions.ENDPOINT_IDENTIFICATION_ALGORITHM, NAMES_ITS_HOST)
                .getMap();
        return ssl.wrapExistingConnection(connection, options, true);
    }

    /** The same for a socket that blocks; the handshake is done. */
    Socket over(Socket plain, Origin origin) throws IOException {
        SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(plain, origin.host(), origin.port(), true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm(NAMES_ITS_HOST);
        parameters.setProtocols(PROTOCOLS);
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }
}
