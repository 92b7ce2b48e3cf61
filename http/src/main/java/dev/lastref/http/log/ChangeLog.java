package dev.lastref.http.log;

import dev.lastref.http.message.AddressText;
import io.undertow.server.HttpServerExchange;
import java.net.InetSocketAddress;
import java.util.Locale;

/**
 * Tells the process's log of what somebody has changed by a request: one line each, so that it can be found after the fact who emptied the
 * store or had the pool shrink. {@code lastref.log.level} does not count for it: whoever turns the log down is named too, and what is done
 * afterwards. Writes where log lines go, and may block on it: not for an I/O thread.
 */
public final class ChangeLog {
    /** The logger that it tells, which who changes something otherwise than by a request is to tell too. */
    public static final String NAME = ChangeLog.class.getName();

    private static final System.Logger LOG = System.getLogger(NAME);

    /** Of what others have sent; the rest is cut off. */
    private static final int LONGEST = 1000;

    private ChangeLog() {}

    /**
     * What was done.
     *
     * @param how method and path, or only the method
     * @param what in words, with its values; may have been sent by others
     */
    public static void done(HttpServerExchange exchange, String how, String what) {
        tell(System.Logger.Level.INFO, exchange, how, what);
    }

    /** What was asked for and not done, since the settings do not allow it; the asker was told. */
    public static void refused(HttpServerExchange exchange, String how, String why) {
        tell(System.Logger.Level.WARNING, exchange, how, why);
    }

    private static void tell(System.Logger.Level level, HttpServerExchange exchange, String how, String what) {
        if (LOG.isLoggable(level)) {
            LOG.log(level, "{0} from {1}: {2}", how, from(exchange), line(what));
        }
    }

    /** The connection's address, or whom PROXY names: what fields say can be anybody's word. */
    private static String from(HttpServerExchange exchange) {
        InetSocketAddress source = exchange.getSourceAddress();
        return source == null || source.getAddress() == null ? "an unknown address" : AddressText.of(source);
    }

    /** Neither ends the line nor moves a terminal's cursor. */
    static String line(String text) {
        String shown = text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
        StringBuilder line = new StringBuilder(shown.length());
        for (int i = 0; i < shown.length(); i++) {
            char c = shown.charAt(i);
            if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
                line.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                line.append(c);
            }
        }
        return line.toString();
    }
}
