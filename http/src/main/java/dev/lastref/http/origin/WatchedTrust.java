package dev.lastref.http.origin;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Whom the JDK trusts, and a note of why it did not: a handshake that fails tells the connection over it only that it has ended. All
 * threads.
 */
final class WatchedTrust extends X509ExtendedTrustManager {
    private final X509ExtendedTrustManager trust;
    /** Those that failed, as long as somebody has them. */
    private final Map<SSLEngine, String> refused = Collections.synchronizedMap(new WeakHashMap<>());

    WatchedTrust(X509ExtendedTrustManager trust) {
        this.trust = trust;
    }

    /** Why the certificate was refused that was shown to it; null: it was not. */
    @Nullable
    String refusal(SSLEngine engine) {
        return refused.get(engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        try {
            trust.checkServerTrusted(chain, type, engine);
        } catch (CertificateException e) {
            CertificateException told = told(e, engine.getPeerHost());
            refused.put(engine, String.valueOf(told.getMessage()));
            throw told;
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        try {
            trust.checkServerTrusted(chain, type, socket);
        } catch (CertificateException e) {
            SSLSocket secured = (SSLSocket) socket;
            throw told(e, secured.getHandshakeSession().getPeerHost());
        }
    }

    /** The JDK checks the name last: what it then says begins with No. */
    private static CertificateException told(CertificateException e, @Nullable String host) {
        String why = String.valueOf(e.getMessage());
        return new CertificateException(
                why.startsWith("No ")
                        ? "the certificate does not name " + host + " (" + why
                                + "): lastref.origin must have a name that is in it; lastref.origin.ca says whose are trusted"
                        : "the certificate of " + host + " is not trusted (" + why
                                + "): lastref.origin.ca names the file of the authority that has signed it",
                e);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        trust.checkServerTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        trust.checkClientTrusted(chain, type, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        trust.checkClientTrusted(chain, type, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        trust.checkClientTrusted(chain, type);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return trust.getAcceptedIssuers();
    }
}
