package dev.lastref.http.message;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Why something failed, in words: the message of many an exception is a name only, or there is none. */
public final class Reason {
    private Reason() {}

    public static String of(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "there is no such file";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied, to the user " + System.getProperty("user.name");
        }
        if (e instanceof FileSystemException file && file.getReason() != null) {
            return file.getReason();
        }
        if (e instanceof UnknownHostException) {
            return "no address is known for " + e.getMessage();
        }
        if (e.getMessage() != null) {
            return e.getMessage();
        }
        if (e instanceof ClosedChannelException || e instanceof EOFException) {
            return "the connection was closed";
        }
        if (e instanceof ConnectException) {
            return isUnresolved(e) ? "no address is known for that name" : "nobody accepts connections there";
        }
        return e.toString();
    }

    /** As the JDK's client of HTTP says it, some causes down. */
    private static boolean isUnresolved(Throwable e) {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof UnresolvedAddressException) {
                return true;
            }
        }
        return false;
    }
}
