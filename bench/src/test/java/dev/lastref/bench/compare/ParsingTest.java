package dev.lastref.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.lastref.bench.load.LoadResult;
import dev.lastref.bench.load.MachineCpu;
import dev.lastref.bench.load.NginxConfiguration;
import dev.lastref.bench.load.Origin;
import dev.lastref.bench.load.ProcessTree;
import dev.lastref.bench.load.Programs;
import dev.lastref.bench.load.Wrk;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What others print, and what is typed. */
class ParsingTest {
    @Test
    void cpuTimeIsReadBehindAnyName() {
        String fields = " S 1 2 3 4 5 6 7 8 9 10 120 34 0 0 20 0";
        assertThat(ProcessTree.cpuTicks("42 (nginx)" + fields)).isEqualTo(154);
        assertThat(ProcessTree.cpuTicks("42 (a ) (b c)" + fields)).isEqualTo(154);
    }

    @Test
    void theMachineIsBusyWhereItIsNeitherIdleNorWaiting() throws Exception {
        assertThat(MachineCpu.busyTicks("cpu  1 20 300 4000 50000 600000 7000000 9 9 9\ncpu0 1 1 1 1 1 1 1 1 1 1\n"))
                .isEqualTo(7_600_321);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MachineCpu.busyTicks("intr 1 2 3\n"))
                .withMessageContaining("intr 1 2 3");
        assertThat(MachineCpu.busySeconds()).isPositive();
    }

    @Test
    void theTreeOfThisProcessHasUsedCpuAndMemory() throws Exception {
        ProcessTree self = new ProcessTree(ProcessHandle.current());
        assertThat(self.cpuSeconds()).isPositive();
        assertThat(self.memoryBytes()).isGreaterThan(1 << 20);
    }

    @Test
    void memoryIsTheProportionalPart() {
        assertThat(ProcessTree.pssKilobytes("00400000-7fff rollup\nRss:    900 kB\nPss:    312 kB\nPss_Anon: 7 kB\n"))
                .isEqualTo(312);
    }

    @Test
    void wrksResultIsFoundAmongWhatItPrints() throws Exception {
        LoadResult result =
                Wrk.parse("Running 1s test\n  2 threads\nLASTREF-RESULT 1000 2000000 4096 3 120 900 1500\n");
        assertThat(result.requests()).isEqualTo(1000);
        assertThat(result.seconds()).isEqualTo(2);
        assertThat(result.errors()).isEqualTo(3);
        assertThat(result.p999()).isEqualTo(1500);
        assertThatIOException()
                .isThrownBy(() -> Wrk.parse("unable to connect to 127.0.0.1:1\n"))
                .withMessageContaining("unable to connect");
    }

    @Test
    void theOriginsRequestsAreReadFromItsStatus() {
        assertThat(Origin.requests(
                        "Active connections: 3 \nserver accepts handled requests\n 17 17 4711 \nReading: 0\n"))
                .isEqualTo(4711);
        assertThatIllegalStateException()
                .isThrownBy(() -> Origin.requests("404"))
                .withMessageContaining("404");
    }

    @Test
    void theHardLimitOfDescriptorsIsTheSecondNumber() {
        assertThat(NginxConfiguration.openFiles(
                        "Max processes   10  20  processes\nMax open files      1024      20000     files\n"))
                .isEqualTo(20_000);
    }

    @Test
    void unknownNamesAreAnsweredWithTheKnownOnes() {
        assertThat(Peer.named("varnish")).isEqualTo(Peer.VARNISH);
        assertThat(Peer.named("varnishd")).isEqualTo(Peer.VARNISH);
        assertThat(Scenario.named("not-modified")).isEqualTo(Scenario.NOT_MODIFIED);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Peer.named("squid"))
                .withMessageContaining("haproxy");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Scenario.named("hit"))
                .withMessageContaining("'hit'")
                .withMessageContaining("pipelined");
    }

    @Test
    void missingProgramsAreNamedWithTheirPackages() {
        assertThatIllegalStateException()
                .isThrownBy(() -> Programs.find(List.of("sh", "no-such-program")))
                .withMessageStartingWith("no-such-program not found")
                .withMessageContaining("apt-get install");
        assertThat(Programs.find(List.of("sh")).path("sh")).endsWith("/sh");
    }
}
