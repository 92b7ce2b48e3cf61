package dev.lastref.http.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DoubtfulTest {
    private static List<String> doubts(String... settings) {
        return doubts(Long.MAX_VALUE, settings);
    }

    private static List<String> doubts(long descriptors, String... settings) {
        Map<String, String> all = new HashMap<>(Map.of("lastref.origin", "http://127.0.0.1:1"));
        for (int i = 0; i < settings.length; i += 2) {
            all.put(settings[i], settings[i + 1]);
        }
        Configuration read = ConfigLoader.read(new ConfigSources(null, Map.of(), all));
        return Doubtful.of(read, DescriptorBudget.of(read.config(), descriptors));
    }

    @Test
    void anAdministrationPortThatAnybodyReachesAndThatAsksForNoTokenIsDoubtful() {
        assertThat(doubts()).isEmpty();
        assertThat(doubts("lastref.admin", "[::1]:9090")).isEmpty();
        assertThat(doubts("lastref.admin", "0.0.0.0:9090"))
                .singleElement()
                .asString()
                .contains("lastref.admin = \"0.0.0.0:9090\" (command line)", "lastref.admin.token-file");
        assertThat(doubts("lastref.admin", "0.0.0.0:9090", "lastref.admin.token-file", "/run/token"))
                .isEmpty();
    }

    @Test
    void aDirectoryThatThePoolIsNotInIsDoubtful() {
        assertThat(doubts("lastref.pool.directory", "/dev/shm/x"))
                .singleElement()
                .asString()
                .contains("lastref.pool.directory = \"/dev/shm/x\"", "lastref.pool.backing is memfd");
        assertThat(doubts("lastref.pool.directory", "/dev/shm/x", "lastref.pool.backing", "directory"))
                .isEmpty();
    }

    @Test
    void moreClientsThanTheLimitOfOpenFilesHasRoomForAreDoubtful() {
        assertThat(doubts(1024))
                .singleElement()
                .asString()
                .contains(
                        "the limit of open files (RLIMIT_NOFILE) is 1024",
                        "10000 for clients (lastref.limits.connections)",
                        "1024 for origins",
                        "ulimit -n",
                        "LimitNOFILE=");
        assertThat(doubts(1024, "lastref.limits.connections", "100", "lastref.origin.connections", "100"))
                .isEmpty();
        assertThat(doubts(65536)).isEmpty();
    }
}
