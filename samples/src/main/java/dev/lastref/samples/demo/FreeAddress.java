package dev.lastref.samples.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import org.jspecify.annotations.Nullable;

/** Chooses where to listen when the user did not say: the usual port, or any free one if something else has it. */
final class FreeAddress {

    private FreeAddress() {}

    /** Returns what was asked for; else the usual port of the loopback address; else port 0 there, saying so. */
    static InetSocketAddress choose(@Nullable InetSocketAddress asked, int usualPort, String option, Screen screen) {
        if (asked != null) {
            return asked;
        }
        InetSocketAddress usual = new InetSocketAddress(InetAddress.getLoopbackAddress(), usualPort);
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(usual);
            return usual;
        } catch (IOException e) {
            screen.line("Port " + usualPort + " is taken (" + e.getMessage() + "); using a free one. Choose with "
                    + option + " HOST:PORT.");
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        }
    }
}
