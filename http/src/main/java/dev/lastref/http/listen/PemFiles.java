package dev.lastref.http.listen;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Where one certificate is, PEM.
 *
 * @param certificates the server's own first, its chain behind it
 * @param key its private key
 */
public record PemFiles(Path certificates, Path key) {
    /**
     * Why they are of no use.
     *
     * @param ofKey whether the key's file is to be mended, and not the certificates'
     * @param why with the file's name and what to do
     */
    public record Fault(boolean ofKey, IOException why) {}

    /** All that is wrong; nothing: they can be used. */
    public List<Fault> faults() {
        return PemIdentity.faults(certificates, key);
    }

    /** In the words of a sentence. */
    @Override
    public String toString() {
        return certificates + " with the key " + key;
    }
}
