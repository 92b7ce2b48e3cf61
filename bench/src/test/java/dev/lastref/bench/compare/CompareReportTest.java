package dev.lastref.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.bench.load.Wrk;
import java.util.List;
import org.junit.jupiter.api.Test;

class CompareReportTest {
    private static final Case HIT = new Case(Scenario.HITS, 1024, 32);

    private static Measurement of(Peer peer, int round, long requests, double cpu, long origin) {
        return new Measurement(
                HIT,
                peer,
                round,
                new Wrk.Result(requests, 1, requests * 1024, 0, 100, 200, 300),
                cpu,
                2 * cpu,
                10 << 20,
                origin);
    }

    private static final CompareReport REPORT = new CompareReport(List.of(
            of(Peer.NGINX, 1, 1000, 0.010, 0),
            of(Peer.LASTREF, 1, 2000, 0.010, 0),
            of(Peer.NGINX, 2, 500, 0.010, 0),
            of(Peer.LASTREF, 2, 1500, 0.015, 100),
            of(Peer.NGINX, 3, 1000, 0.010, 0),
            of(Peer.LASTREF, 3, 1000, 0.010, 0)));

    @Test
    void ratiosAreTakenWithinARound() {
        Spread requests = REPORT.ratio(HIT, Peer.LASTREF, Measurement::requestsPerSecond);
        assertThat(requests).isEqualTo(new Spread(2, 1, 3));
        Spread cpu = REPORT.ratio(HIT, Peer.LASTREF, Measurement::cpuMicrosPerRequest);
        assertThat(cpu.median()).isEqualTo(0.5);
        assertThat(REPORT.ratio(HIT, Peer.LASTREF, Measurement::machineCpuMicrosPerRequest))
                .isEqualTo(cpu);
        assertThat(of(Peer.NGINX, 1, 1000, 0.010, 0).machineCpuMicrosPerRequest())
                .isEqualTo(20);
        assertThat(REPORT.ratio(HIT, Peer.VARNISH, Measurement::requestsPerSecond)
                        .median())
                .isNaN();
    }

    @Test
    void theTableSaysWhatWentToTheOriginInsteadOfBeingAHit() {
        assertThat(REPORT.table(HIT).lines())
                .hasSize(4)
                .anyMatch(line -> line.contains("lastref") && line.contains("2.00 (1.00 to 3.00)"))
                .anyMatch(line -> line.contains("lastref") && line.endsWith("2.2 % went to the origin"))
                .noneMatch(line -> line.contains("nginx  ") && line.contains("went to the origin"));
    }

    @Test
    void everyMeasurementIsALineAndHitsAreDrawn() {
        assertThat(REPORT.csv().lines())
                .hasSize(7)
                .allMatch(line -> line.split(",", -1).length == Measurement.CSV_HEADER.split(",", -1).length);
        assertThat(REPORT.figure()).contains("CPU of a hit, 32 connections", "lastref", "1 KiB");
    }

    @Test
    void aMedianLiesInTheMiddle() {
        assertThat(Spread.of(List.of(3.0, 1.0, 2.0))).isEqualTo(new Spread(2, 1, 3));
        assertThat(Spread.of(List.of(4.0, 1.0, 2.0, 3.0)).median()).isEqualTo(2.5);
        assertThat(Spread.of(List.of()).median()).isNaN();
    }

    @Test
    void casesAreWhatMakesSense() {
        List<Case> all = Case.all(List.of(Scenario.values()), List.of(1024L, 65536L, 16L << 20), List.of(32, 512));
        assertThat(all).filteredOn(one -> one.scenario() == Scenario.HITS).hasSize(6);
        assertThat(all).filteredOn(one -> one.scenario() == Scenario.PIPELINED).hasSize(2);
        assertThat(all).filteredOn(one -> one.scenario() == Scenario.MISSES).hasSize(4);
        Case ranges = all.stream()
                .filter(one -> one.scenario() == Scenario.RANGES)
                .findFirst()
                .orElseThrow();
        assertThat(ranges.range()).isEqualTo("bytes=524288-589823");
        assertThat(ranges.contentLength()).isEqualTo(65536);
    }
}
