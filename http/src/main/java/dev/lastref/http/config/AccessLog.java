package dev.lastref.http.config;

/**
 * Where requests are logged.
 *
 * @param target off, stdout, stderr, or a file's absolute path
 */
public record AccessLog(String target, Format format) {
    /** What a line looks like. */
    public enum Format {
        /** One object. */
        JSON,
        /** As Apache's and nginx's format of this name. */
        COMBINED
    }

    public boolean isOff() {
        return target.equals("off");
    }
}
