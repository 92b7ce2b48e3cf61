package dev.lastref.http;

import dev.lastref.http.config.Configuration;
import dev.lastref.http.config.Setting;
import dev.lastref.http.listen.PemFiles;
import dev.lastref.http.listen.ServerTls;
import io.undertow.connector.ByteBufferPool;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.List;
import java.util.concurrent.Executor;

/** The files that settings name, at the start: what is wrong with one is told with the setting's name, value and source. */
final class UsedFiles {
    private UsedFiles() {}

    /** Makes something of a file. */
    @FunctionalInterface
    interface Reading<T> {
        T read() throws IOException;
    }

    static <T> T of(Configuration config, Setting setting, Reading<T> reading) {
        try {
            return reading.read();
        } catch (IOException e) {
            throw config.unusable(setting, e);
        }
    }

    /** The listener's certificates and their keys. */
    static ServerTls certificates(Configuration config, ByteBufferPool buffers, Executor tasks) {
        List<PemFiles> files = config.config().tls().stream()
                .map(each -> new PemFiles(each.certificate(), each.key()))
                .toList();
        try {
            return new ServerTls(files, buffers, tasks);
        } catch (IOException e) {
            String named = e instanceof FileSystemException file ? file.getFile() : String.valueOf(e.getMessage());
            boolean ofKey = files.stream()
                    .map(each -> each.key().toString())
                    .anyMatch(e instanceof FileSystemException ? named::equals : named::contains);
            throw config.unusable(ofKey ? Setting.TLS_KEY : Setting.TLS_CERTIFICATE, e);
        }
    }
}
