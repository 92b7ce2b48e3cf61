package dev.lastref.http.listen;

import dev.lastref.pool.linux.NamedPipe;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A certificate with its chain and its private key, from PEM files (RFC 7468). The key may be PKCS #8, PKCS #1 ({@code RSA PRIVATE KEY},
 * RFC 8017) or SEC 1 ({@code EC PRIVATE KEY}, RFC 5915), and not encrypted.
 *
 * @param chain the server's own first
 */
record PemIdentity(List<X509Certificate> chain, PrivateKey key) {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s*([A-Za-z0-9+/=\\s]+?)-----END \\1-----");

    /** DER: the AlgorithmIdentifier of RSA keys, 1.2.840.113549.1.1.1 with NULL. */
    private static final byte[] RSA = {
        0x30, 0x0d, 0x06, 0x09, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00
    };
    /** DER: the object identifier of EC keys, 1.2.840.10045.2.1; that of the curve follows. */
    private static final byte[] EC = {0x06, 0x07, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x02, 0x01};

    private static final byte[] VERSION_0 = {0x02, 0x01, 0x00};
    private static final int SEQUENCE = 0x30;
    private static final int OCTETS = 0x04;
    private static final int OBJECT_IDENTIFIER = 0x06;
    private static final int CURVE = 0xa0;

    /**
     * Reads both.
     *
     * @throws IOException if one cannot be read, or they do not belong together; the message names the file and what to do
     */
    static PemIdentity read(Path certificates, Path key) throws IOException {
        PemIdentity read = new PemIdentity(chain(certificates), key(key));
        try {
            verify(read.chain.get(0).getPublicKey(), read.key);
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "the key in " + key + " is not that of the first certificate in " + certificates + ": "
                            + e.getMessage(),
                    e);
        }
        return read;
    }

    /** What {@link #read} may throw, of both files at once. */
    static List<PemFiles.Fault> faults(Path certificates, Path key) {
        List<PemFiles.Fault> faults = new ArrayList<>();
        try {
            chain(certificates);
        } catch (IOException e) {
            faults.add(new PemFiles.Fault(/* ofKey= */ false, e));
        }
        try {
            key(key);
        } catch (IOException e) {
            faults.add(new PemFiles.Fault(/* ofKey= */ true, e));
        }
        if (faults.isEmpty()) {
            try {
                read(certificates, key);
            } catch (IOException e) {
                faults.add(new PemFiles.Fault(/* ofKey= */ true, e));
            }
        }
        return faults;
    }

    private static List<X509Certificate> chain(Path file) throws IOException {
        String text = text(file);
        List<X509Certificate> chain = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            Matcher block = BLOCK.matcher(text);
            while (block.find()) {
                if (block.group(1).equals("CERTIFICATE")) {
                    chain.add((X509Certificate)
                            factory.generateCertificate(new ByteArrayInputStream(decode(file, block))));
                }
            }
        } catch (CertificateException e) {
            throw new IOException("cannot read the certificates in " + file + ": " + e.getMessage(), e);
        }
        if (chain.isEmpty()) {
            throw new IOException("no certificate (BEGIN CERTIFICATE) in " + file);
        }
        return List.copyOf(chain);
    }

    private static PrivateKey key(Path file) throws IOException {
        Matcher block = BLOCK.matcher(text(file));
        while (block.find()) {
            String kind = block.group(1);
            byte[] der = decode(file, block);
            switch (kind) {
                case "PRIVATE KEY" -> {
                    return pkcs8(file, der);
                }
                case "RSA PRIVATE KEY" -> {
                    return pkcs8(file, element(SEQUENCE, VERSION_0, RSA, element(OCTETS, der)));
                }
                case "EC PRIVATE KEY" -> {
                    byte[] algorithm = element(SEQUENCE, EC, curve(file, der));
                    return pkcs8(file, element(SEQUENCE, VERSION_0, algorithm, element(OCTETS, der)));
                }
                case "ENCRYPTED PRIVATE KEY" ->
                    throw new IOException("the key in " + file
                            + " is encrypted; decrypt it with openssl pkey, and protect it by the file's permissions");
                default -> {} // certificates, parameters of a curve
            }
        }
        throw new IOException("no private key (BEGIN PRIVATE KEY, RSA PRIVATE KEY or EC PRIVATE KEY) in " + file);
    }

    /** What only says what is wrong is told with the file's name: it may be one of several. */
    private static String text(Path file) throws IOException {
        try {
            NamedPipe.refuse(file);
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (FileSystemException named) {
            throw named;
        } catch (IOException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    private static byte[] decode(Path file, Matcher block) throws IOException {
        try {
            return Base64.getMimeDecoder().decode(block.group(2));
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "what stands in " + file + " between the lines of " + block.group(1) + " is no base64", e);
        }
    }

    private static PrivateKey pkcs8(Path file, byte[] der) throws IOException {
        for (String algorithm : new String[] {"RSA", "EC", "EdDSA", "RSASSA-PSS"}) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (GeneralSecurityException notThisOne) {
                // the next
            }
        }
        throw new IOException("the private key in " + file + " is neither RSA nor EC nor EdDSA");
    }

    /** The curve's object identifier, which SEC 1 keeps behind the private value: SEQUENCE { version, octets, [0] { identifier } … }. */
    private static byte[] curve(Path file, byte[] der) throws IOException {
        for (int i = 0; i + 2 < der.length; i++) {
            int length = der[i + 1] & 0xff;
            boolean identifier = (der[i] & 0xff) == CURVE
                    && der[i + 2] == OBJECT_IDENTIFIER
                    && length < 0x80
                    && i + 2 + length <= der.length
                    && (der[i + 3] & 0xff) == length - 2;
            if (identifier) {
                return Arrays.copyOfRange(der, i + 2, i + 2 + length);
            }
        }
        throw new IOException(
                "the EC key in " + file + " does not name its curve; convert it with openssl pkcs8 -topk8 -nocrypt");
    }

    private static byte[] element(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream element = new ByteArrayOutputStream();
        element.write(tag);
        int length = content.size();
        if (length >= 0x80) {
            int bytes = length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
            element.write(0x80 | bytes);
            for (int i = bytes - 1; i >= 0; i--) {
                element.write(length >>> (8 * i));
            }
        } else {
            element.write(length);
        }
        element.writeBytes(content.toByteArray());
        return element.toByteArray();
    }

    private static void verify(PublicKey ofCertificate, PrivateKey key) throws GeneralSecurityException {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            case "RSASSA-PSS" -> "RSASSA-PSS";
            default -> "EdDSA";
        };
        if (algorithm.equals("RSASSA-PSS")) {
            return; // its parameters may forbid what we would try
        }
        byte[] message = "do they belong together?".getBytes(StandardCharsets.US_ASCII);
        Signature signing = Signature.getInstance(algorithm);
        signing.initSign(key);
        signing.update(message);
        byte[] signed = signing.sign();
        Signature checking = Signature.getInstance(algorithm);
        checking.initVerify(ofCertificate);
        checking.update(message);
        if (!checking.verify(signed)) {
            throw new GeneralSecurityException("what one signs the other does not verify");
        }
    }
}
