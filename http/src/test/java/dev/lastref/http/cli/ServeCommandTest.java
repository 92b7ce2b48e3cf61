package dev.lastref.http.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServeCommandTest {
    /** Before that the compilers' memory is in the JVM's pools, and the C library's heap has nothing of it to give back. */
    @ParameterizedTest
    @CsvSource({"0, 5500", "800, 4700", "4999, 501", "5000, 5500", "7300, 3200"})
    void theHeapIsTrimmedHalfASecondAfterTheJvmEmptiedItsPools(long uptime, long expected) {
        assertThat(ServeCommand.millisUntilFirstTrim(uptime)).isEqualTo(expected);
    }
}
