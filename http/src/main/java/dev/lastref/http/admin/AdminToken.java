package dev.lastref.http.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lastref.pool.linux.NamedPipe;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The token that requests to the administration port must bear (RFC 6750); only its digest is kept. All threads. */
public final class AdminToken {
    private static final int SHORTEST = 16;
    private static final String EXPECTED = "at least " + SHORTEST + ", such as those of openssl rand -hex 16";

    private final byte[] digest;

    private AdminToken(byte[] digest) {
        this.digest = digest;
    }

    /**
     * @param file with the token in it, and nothing else
     * @throws IOException if it cannot be read, or the token is too short to be none that is guessed
     */
    public static AdminToken read(Path file) throws IOException {
        String token = text(file).strip();
        if (token.length() < SHORTEST) {
            throw new IOException("the token in " + file + " (lastref.admin.token-file) has " + token.length()
                    + " characters: expected " + EXPECTED);
        }
        return new AdminToken(digest(token));
    }

    private static String text(Path file) throws IOException {
        NamedPipe.refuse(file);
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new IOException(
                    "the token in " + file + " (lastref.admin.token-file) is no text in UTF-8: expected characters, "
                            + EXPECTED,
                    e);
        }
    }

    /** Of digests, in a time that does not depend on how much of them is right. */
    boolean is(String given) {
        return MessageDigest.isEqual(digest, digest(given));
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
        } catch (NoSuchAlgorithmException everyJvmHasIt) {
            throw new IllegalStateException(everyJvmHasIt);
        }
    }
}
