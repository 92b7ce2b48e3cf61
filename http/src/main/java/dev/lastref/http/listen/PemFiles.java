package dev.lastref.http.listen;

import java.nio.file.Path;

/**
 * Where one certificate is, PEM.
 *
 * @param certificates the server's own first, its chain behind it
 * @param key its private key
 */
public record PemFiles(Path certificates, Path key) {
    /** In the words of a sentence. */
    @Override
    public String toString() {
        return certificates + " with the key " + key;
    }
}
