package dev.lastref.bench.load;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * What servers of a benchmark show to clients that speak TLS, the same for all: a certificate for 127.0.0.1 with a key of EC P-256, made
 * by keytool for this run; and what both sides are to agree on. Clients offer nothing else: h2load by itself asks for
 * TLS_AES_128_GCM_SHA256 first, others do not.
 */
public final class TlsIdentity {
    /** The version that all speak. */
    public static final String PROTOCOL = "TLSv1.3";
    /** The suite that all use (RFC 8446, appendix B.4). */
    public static final String CIPHER = "TLS_AES_256_GCM_SHA384";

    private static final String ALIAS = "server";
    private static final String PASSWORD = "changeit"; // of a file that lives as long as the run
    private static final int KEYTOOL_SECONDS = 60;

    private final KeyStore store;
    private final Path certificate;
    private final Path key;
    private final Path both;
    private final Path openssl;

    private TlsIdentity(KeyStore store, Path folder) {
        this.store = store;
        this.certificate = folder.resolve("certificate.pem");
        this.key = folder.resolve("key.pem");
        this.both = folder.resolve("both.pem");
        this.openssl = folder.resolve("openssl.cnf");
    }

    /**
     * Makes one.
     *
     * @param folder where its files go
     * @throws IOException with what keytool said, if it made none
     */
    public static TlsIdentity make(Path folder) throws IOException, InterruptedException {
        Path file = folder.resolve("identity.p12");
        keytool(
                folder,
                "-genkeypair -keyalg EC -groupname secp256r1 -dname CN=127.0.0.1 -ext SAN=ip:127.0.0.1 -validity 2 "
                        + "-storetype PKCS12 -alias " + ALIAS + " -storepass " + PASSWORD,
                file);
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(new ByteArrayInputStream(Files.readAllBytes(file)), PASSWORD.toCharArray());
            TlsIdentity made = new TlsIdentity(store, folder);
            made.write();
            return made;
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot read what keytool made, " + file, e);
        }
    }

    /** @param options with blanks between them */
    private static void keytool(Path folder, String options, Path file) throws IOException, InterruptedException {
        String program =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Path said = folder.resolve("keytool.log");
        List<String> command = new ArrayList<>(List.of(program, "-keystore", file.toString()));
        command.addAll(List.of(options.split(" ", -1)));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            if (!process.waitFor(KEYTOOL_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException(program + " made no certificate; it said:\n"
                        + Files.readString(said).strip());
            }
        } finally {
            process.destroyForcibly();
        }
    }

    private void write() throws IOException, GeneralSecurityException {
        Certificate own = store.getCertificate(ALIAS);
        @Nullable Key secret = store.getKey(ALIAS, PASSWORD.toCharArray());
        if (own == null || secret == null) {
            throw new IOException("keytool's file has no certificate and key of the name " + ALIAS);
        }
        String first = pem("CERTIFICATE", own.getEncoded());
        String second = pem("PRIVATE KEY", secret.getEncoded());
        Files.writeString(certificate, first);
        Files.writeString(key, second);
        Files.writeString(both, first + second);
        Files.writeString(openssl, """
                openssl_conf = clients
                [clients]
                ssl_conf = modules
                [modules]
                system_default = offer
                [offer]
                MinProtocol = %s
                Ciphersuites = %s
                """.formatted(PROTOCOL, CIPHER));
    }

    private static String pem(String what, byte[] der) {
        return "-----BEGIN " + what + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + what + "-----\n";
    }

    /** PEM. */
    public Path certificate() {
        return certificate;
    }

    /** PEM, PKCS #8. */
    public Path key() {
        return key;
    }

    /** Certificate and key in one, as HAProxy has it. */
    public Path both() {
        return both;
    }

    /** Environment of clients that use OpenSSL and have no option for what they offer, as wrk: config(5ssl). */
    public Map<String, String> offer() {
        return Map.of("OPENSSL_CONF", openssl.toString());
    }

    /** What this process needs to be a client that trusts it. */
    public SSLContext clients() throws IOException {
        try {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry(ALIAS, store.getCertificate(ALIAS));
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot trust the certificate " + certificate, e);
        }
    }

    /** What such a client offers. */
    public static SSLParameters parameters() {
        return new SSLParameters(new String[] {CIPHER}, new String[] {PROTOCOL});
    }
}
