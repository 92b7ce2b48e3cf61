package dev.lastref.http.origin;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.lastref.http.message.Reason;
import dev.lastref.pool.Descriptors;
import dev.lastref.pool.linux.FileLimit;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Looks whether an origin answers: a connection, and where a path is given, a response to it with a status from 200 to 399. Blocks.
 * It makes a connection of its own, since those that wait for requests say nothing about whether new ones can be made.
 */
final class HealthCheck {
    private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.[01] (\\d{3}).*");
    private static final int LONGEST_LINE = 1024;

    /** There was no descriptor for it, or what is left of them is for others: so nothing is known of the origin. */
    static final class NotMade extends Exception {
        private static final long serialVersionUID = 1;

        NotMade(@Nullable IOException why) {
            super(why);
        }
    }

    private final OriginSettings.Health rules;
    private final @Nullable OriginTls tls;
    private final Descriptors descriptors;

    /**
     * @param tls for origins that speak it
     * @param descriptors of this process, of which each check takes one for a moment
     */
    HealthCheck(OriginSettings.Health rules, @Nullable OriginTls tls, Descriptors descriptors) {
        this.rules = rules;
        this.tls = tls;
        this.descriptors = descriptors;
    }

    /**
     * What is wrong with an origin; null if nothing is.
     *
     * @throws NotMade if that could not be found out
     */
    @Nullable
    String failure(Origin origin) throws NotMade {
        InetSocketAddress address = origin.resolved();
        if (address == null) {
            return "its name could not be resolved";
        }
        if (descriptors.areScarce()) {
            throw new NotMade(null);
        }
        int millis = (int) Math.max(1, rules.timeout().toMillis());
        try (Socket plain = new Socket()) {
            plain.connect(address, millis);
            plain.setSoTimeout(millis);
            if (!origin.isSecure() || tls == null) {
                return ask(origin, plain);
            }
            try (Socket secured = tls.over(plain, origin)) {
                return ask(origin, secured);
            }
        } catch (IOException e) {
            if (FileLimit.isReachedBy(e)) {
                descriptors.ranOut();
                throw new NotMade(e);
            }
            return Reason.of(e);
        }
    }

    private @Nullable String ask(Origin origin, Socket socket) throws IOException {
        String path = rules.path();
        if (path == null) {
            return null;
        }
        socket.getOutputStream()
                .write(("GET " + path + " HTTP/1.1\r\nHost: " + origin.authority()
                                + "\r\nUser-Agent: lastref-health\r\nConnection: close\r\n\r\n")
                        .getBytes(ISO_8859_1));
        String line = line(socket.getInputStream());
        Matcher status = STATUS_LINE.matcher(line);
        if (!status.matches()) {
            return "no HTTP/1 status line, but: " + line;
        }
        return status.group(1).compareTo("400") < 0 ? null : "status " + status.group(1) + " for " + path;
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b != -1 && b != '\r' && b != '\n' && line.length() < LONGEST_LINE; b = in.read()) {
            line.append((char) b);
        }
        return line.toString();
    }
}
