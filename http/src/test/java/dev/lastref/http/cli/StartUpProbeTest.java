package dev.lastref.http.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lastref.pool.linux.KernelProbe;
import dev.lastref.pool.linux.KernelProbe.Finding;
import dev.lastref.pool.linux.KernelProbe.Report;
import dev.lastref.pool.linux.KernelProbe.Verdict;
import dev.lastref.pool.testing.TmpfsMount;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StartUpProbeTest {
    /** Kept: the JDK forgets a logger, and its handlers, that nobody has. */
    private static final Logger LOGGER = Logger.getLogger(StartUpProbe.class.getName());

    private static final Finding FINE = new Finding(Verdict.OK, "a", "b", "c");

    private final List<String> logged = new ArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord record) {
            logged.add(record.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        LOGGER.addHandler(handler);
    }

    @AfterEach
    void stopListening() {
        LOGGER.removeHandler(handler);
    }

    @Test
    void whatIsSwitchedOffIsLoggedInOneLineWithTheReason() throws Exception {
        StartUpProbe.judge(new Report(List.of(
                FINE,
                new Finding(Verdict.NOTE, "punching a hole", "bytes changed", "none is punched", "punching"),
                new Finding(Verdict.NOTE, "netlink", "denied", "/proc is read", "positions of connections"))));
        assertThat(logged)
                .containsExactly("switched off here: punching (punching a hole: bytes changed);"
                        + " positions of connections (netlink: denied)");
    }

    @Test
    void whereNothingIsSwitchedOffNothingIsSaid() throws Exception {
        StartUpProbe.judge(new Report(List.of(FINE, new Finding(Verdict.NOTE, "swap", "on", "slower"))));
        assertThat(logged).isEmpty();
    }

    @Test
    void whereThePoolCannotWorkTheStartEndsWithWhatTheKernelDid() {
        Report report = new Report(
                List.of(FINE, new Finding(Verdict.FATAL, "F_SEAL_WRITE", "refused", "no segment would return")));
        assertThatThrownBy(() -> StartUpProbe.judge(report))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("F_SEAL_WRITE: refused; no segment would return")
                .hasMessageContaining("doctor");
    }

    @Test
    void aDirectoryWhoseMountGivesHugePagesSwitchesPunchingOff() throws Exception {
        try (TmpfsMount mount = TmpfsMount.withOptions("huge=always,size=64m")) {
            Report found = StartUpProbe.judge(KernelProbe.run(mount.path().resolve("pool")));
            assertThat(found.punchingIsSafe()).isFalse();
            assertThat(logged)
                    .singleElement()
                    .satisfies(line -> assertThat(line)
                            .startsWith("switched off here: punching (")
                            .contains(mount.path().toString(), "huge pages"));
        }
    }
}
