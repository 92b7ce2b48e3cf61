package dev.lastref.http.listen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.testing.Certificates;
import dev.lastref.http.testing.LoggedLines;
import dev.lastref.http.testing.Programs;
import io.undertow.server.DefaultByteBufferPool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Certificates that change while this process can open no file. */
class ServerTlsTest {
    private static final String[] EC = {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"};

    @TempDir
    Path directory;

    private volatile String failure;
    private volatile int read;

    private PemIdentity read(PemFiles from) throws IOException {
        String why = failure;
        if (why != null) {
            throw new IOException(why);
        }
        read++;
        return PemIdentity.read(from.certificates(), from.key());
    }

    private void replaceBoth() throws IOException {
        for (String file : List.of(".pem", ".key")) {
            Files.copy(
                    directory.resolve("next" + file),
                    directory.resolve("server" + file),
                    StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** Of this process, of the system. */
    @ParameterizedTest
    @ValueSource(strings = {"Too many open files", "Too many open files in system"})
    void changedFilesThatThereIsNoDescriptorForAreReadOnceThereIs(String words) throws Exception {
        try (Programs programs = new Programs(directory);
                DefaultByteBufferPool buffers = new DefaultByteBufferPool(true, 1024)) {
            Certificates certificates = new Certificates(programs, directory);
            certificates.issue("server", "DNS:a", EC);
            certificates.issue("next", "DNS:b", EC);
            PemFiles files = new PemFiles(certificates.chain("server"), certificates.key("server"));
            try (ServerTls tls = new ServerTls(List.of(files), buffers, Runnable::run, this::read);
                    LoggedLines said = new LoggedLines(ServerTls.class.getName())) {
                assertThat(read).isEqualTo(1);
                failure = files.certificates() + ": " + words;
                replaceBoth();
                tls.look();
                tls.look();
                assertThat(read).isEqualTo(1);
                assertThat(said.lines()).singleElement().asString().contains("no descriptor is left", "server.pem");
                failure = null;
                tls.look();
                assertThat(read).isEqualTo(2);
                tls.look();
                assertThat(read).isEqualTo(2);
                assertThat(said.lines()).hasSize(2).last().asString().contains("new connections get what is now in");
            }
        }
    }
}
