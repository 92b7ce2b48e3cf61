package dev.lastref.http.listen;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the certificate for the name that a client asks for (SNI, RFC 6066, section 3), and the first one where none is for it. The
 * JDK's own choice looks at the kind of key before it looks at names. All threads.
 */
final class CertificateChoice extends X509ExtendedKeyManager {
    /** Of a dNSName (RFC 5280, section 4.2.1.6). */
    private static final Integer DNS_NAME = 2;

    private final List<Candidate> candidates = new ArrayList<>();

    private record Candidate(PemIdentity identity, Set<String> names) {
        /** Whether it is for a name, in lower case (RFC 9525, section 6.3). */
        boolean isFor(String name) {
            int dot = name.indexOf('.');
            return names.contains(name) || (dot > 0 && names.contains("*" + name.substring(dot)));
        }
    }

    CertificateChoice(List<PemIdentity> identities) throws CertificateParsingException {
        for (PemIdentity identity : identities) {
            candidates.add(new Candidate(identity, namesOf(identity.chain().get(0))));
        }
    }

    private static Set<String> namesOf(X509Certificate certificate) throws CertificateParsingException {
        var all = certificate.getSubjectAlternativeNames();
        return all == null
                ? Set.of()
                : all.stream()
                        .filter(name -> DNS_NAME.equals(name.get(0)))
                        .map(name -> name.get(1).toString().toLowerCase(Locale.ROOT))
                        .collect(Collectors.toSet());
    }

    /** Asked for one kind of key after the other, in the order that client and server prefer. */
    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        String name = engine == null ? null : nameIn(engine);
        boolean found = false;
        for (int i = 0; name != null && i < candidates.size(); i++) {
            if (candidates.get(i).isFor(name)) {
                found = true;
                if (isOf(keyType, i)) {
                    return Integer.toString(i);
                }
            }
        }
        return !found && isOf(keyType, 0) ? "0" : null;
    }

    private static @Nullable String nameIn(SSLEngine engine) {
        if (engine.getHandshakeSession() instanceof ExtendedSSLSession session) {
            for (SNIServerName name : session.getRequestedServerNames()) {
                if (name instanceof SNIHostName host) {
                    return host.getAsciiName().toLowerCase(Locale.ROOT);
                }
            }
        }
        return null;
    }

    private boolean isOf(String keyType, int index) {
        return candidates.get(index).identity().key().getAlgorithm().equals(keyType);
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return identity(alias).chain().toArray(new X509Certificate[0]);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return identity(alias).key();
    }

    private PemIdentity identity(String alias) {
        return candidates.get(Integer.parseInt(alias)).identity();
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return null; // nobody asks
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null; // there are engines only
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
