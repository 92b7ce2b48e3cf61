package dev.lastref.http.config;

/**
 * Where requests are logged.
 *
 * @param target off, stdout, stderr, or a file's absolute path
 */
public record AccessLog(String target, Format format) {
    /** Nothing is logged. */
    public static final AccessLog NONE = new AccessLog("off", Format.JSON);

    /** What a line looks like. */
    public enum Format {
        /** One object. */
        JSON,
        /** As Apache's and nginx's format of this name. */
        COMBINED
    }

    /** Whether it goes to a file that somebody may have moved away, and not to a stream of the process. */
    public boolean isFile() {
        return !isOff() && !target.equals("stdout") && !target.equals("stderr");
    }

    public boolean isOff() {
        return target.equals("off");
    }
}
