package dev.lastref.http.listen;

import java.io.IOException;

/** What to do where nobody can listen at an address. */
final class ListenHint {
    private ListenHint() {}

    /**
     * The end of a sentence. Java passes on the words of strerror(3), and no number: where they are of another language there is no hint.
     *
     * @param setting that names the address
     */
    static String of(IOException failure, String setting) {
        String words = String.valueOf(failure.getMessage());
        if (words.contains("already in use")) {
            return "; another process listens there, which ss -ltnp names: end it, or set " + setting
                    + " to another port";
        }
        if (words.contains("Permission denied")) {
            return "; ports below 1024 need the capability CAP_NET_BIND_SERVICE: grant it, or set " + setting
                    + " to a higher one";
        }
        if (words.contains("Cannot assign requested address")) {
            return "; this machine has no such address: set " + setting
                    + " to one that ip address shows, or to 0.0.0.0";
        }
        return "";
    }
}
