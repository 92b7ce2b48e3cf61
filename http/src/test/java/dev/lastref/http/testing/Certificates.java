package dev.lastref.http.testing;

import dev.lastref.pool.testing.Requires;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** An authority of a test's own, and what it certifies; all made by openssl, as operators make them. PEM files. */
public final class Certificates {
    private final Programs programs;
    private final Path directory;

    /** Makes the authority. */
    public Certificates(Programs programs, Path directory) throws IOException, InterruptedException {
        Requires.command("openssl");
        this.programs = programs;
        this.directory = directory;
        programs.run(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=a test's authority",
                "-keyout",
                path("ca.key"),
                "-out",
                path("ca.pem"));
    }

    /** What a client needs that trusts this authority, and nobody else. */
    public SSLContext clients() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (InputStream in = Files.newInputStream(authority())) {
            store.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private String path(String name) {
        return directory.resolve(name).toString();
    }

    /** The authority's certificate. */
    public Path authority() {
        return directory.resolve("ca.pem");
    }

    /** Where the certificate of a name is, and the authority's behind it. */
    public Path chain(String name) {
        return directory.resolve(name + ".pem");
    }

    /** Where the key of a name is. */
    public Path key(String name) {
        return directory.resolve(name + ".key");
    }

    /**
     * Certifies a key.
     *
     * @param name of the files
     * @param subject the alternative names, as {@code IP:127.0.0.1,DNS:localhost}
     * @param newKey what openssl genpkey makes it with, as {@code -algorithm RSA}; PKCS #8
     */
    public void issue(String name, String subject, String... newKey) throws IOException, InterruptedException {
        String[] generate = new String[newKey.length + 4];
        generate[0] = "openssl";
        generate[1] = "genpkey";
        System.arraycopy(newKey, 0, generate, 2, newKey.length);
        generate[generate.length - 2] = "-out";
        generate[generate.length - 1] = path(name + ".key");
        programs.run(generate);
        programs.run(
                "openssl",
                "req",
                "-new",
                "-key",
                path(name + ".key"),
                "-subj",
                "/CN=" + name,
                "-out",
                path(name + ".csr"));
        Path extensions = Files.writeString(directory.resolve(name + ".ext"), "subjectAltName=" + subject + "\n");
        Path leaf = directory.resolve(name + ".leaf");
        programs.run(
                "openssl",
                "x509",
                "-req",
                "-in",
                path(name + ".csr"),
                "-CA",
                path("ca.pem"),
                "-CAkey",
                path("ca.key"),
                "-CAcreateserial",
                "-days",
                "2",
                "-extfile",
                extensions.toString(),
                "-out",
                leaf.toString());
        Files.writeString(chain(name), Files.readString(leaf) + Files.readString(authority()));
    }
}
