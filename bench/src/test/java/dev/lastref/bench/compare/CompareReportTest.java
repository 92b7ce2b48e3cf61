package dev.lastref.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.bench.load.LoadResult;
import java.util.List;
import org.junit.jupiter.api.Test;

class CompareReportTest {
    private static final Case HIT = new Case(Scenario.HITS, 1024, 32);

    private static Measurement of(Peer peer, int round, long requests, double cpu, long origin) {
        return new Measurement(
                HIT,
                peer,
                round,
                new LoadResult(requests, 1, requests * 1024, 0, 100, 200, 300),
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
    void latenciesThatNobodyKnowsAreShownAsSuchAndErrorsAreTold() {
        Case byHttp2 = new Case(Scenario.HTTP2, 1024, 32);
        LoadResult none = new LoadResult(0, 1, 0, 32, Double.NaN, Double.NaN, Double.NaN);
        CompareReport report =
                new CompareReport(List.of(new Measurement(byHttp2, Peer.LASTREF, 1, none, 0.1, 0.1, 1 << 20, 0)));
        assertThat(report.table(byHttp2))
                .startsWith("hits by HTTP/2 over TLS of 1 KiB, 32 connections")
                .containsPattern(" - +- +- +1\\.0 ")
                .contains("the client took nothing for a whole response", "32 errors");
    }

    @Test
    void casesAreWhatMakesSense() {
        List<Case> all = Case.all(List.of(Scenario.values()), List.of(1024L, 65536L, 16L << 20), List.of(32, 512));
        assertThat(all).filteredOn(one -> one.scenario() == Scenario.HITS).hasSize(6);
        assertThat(all).filteredOn(one -> one.scenario() == Scenario.PIPELINED).hasSize(2);
        assertThat(all).filteredOn(one -> one.scenario() == Scenario.MISSES).hasSize(4);
        assertThat(all).filteredOn(one -> one.scenario() == Scenario.HTTP2).hasSize(6);
        Case ranges = all.stream()
                .filter(one -> one.scenario() == Scenario.RANGES)
                .findFirst()
                .orElseThrow();
        assertThat(ranges.range()).isEqualTo("bytes=524288-589823");
        assertThat(ranges.contentLength()).isEqualTo(65536);
    }
}
