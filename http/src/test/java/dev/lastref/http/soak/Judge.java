package dev.lastref.http.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.http.testing.Response;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Says whether a response may be what it is. Each names its version, so it is known which bytes it must have, how long there has been
 * a later one, and whether that version was made invalid before the request began. Nothing here depends on how fast the machine is:
 * what is compared with the clock has happened before the request, or after the origin was asked.
 */
final class Judge {
    /** What was seen. */
    enum Seen {
        FETCHED,
        HIT,
        STALE,
        COLLAPSED,
        NOT_MODIFIED,
        PART,
        ERROR,
        CUT,
        NOTHING
    }

    private final Map<Seen, AtomicLong> counts = new EnumMap<>(Seen.class);
    private final AtomicLong bytes = new AtomicLong();

    Judge() {
        for (Seen each : Seen.values()) {
            counts.put(each, new AtomicLong());
        }
    }

    long count(Seen seen) {
        return counts.get(seen).get();
    }

    /** Bytes of content that were checked. */
    long bytes() {
        return bytes.get();
    }

    /**
     * Throws if the response must not be. Of one that was broken off all must be right that came.
     *
     * @param beganNanos before the request was sent
     * @param floor the resource's, at that moment
     * @return its tag; null if it has none
     */
    String judge(Question asked, long beganNanos, int floor, Response got) {
        if (got.status() == 0) {
            count(got, Seen.NOTHING);
            return null;
        }
        if (got.status() >= 500) {
            assertThat(got.status()).as("%s", got).isIn(500, 502, 503, 504);
            count(got, Seen.ERROR);
            return null;
        }
        Resource resource = asked.resource();
        if (got.status() != 304) { // which repeats only some fields (RFC 9110, section 15.4.5)
            assertThat(got.first("X-Target")).as("%s", got).isEqualTo(resource.target());
        }
        String tag = got.first("ETag");
        int version = resource.versionOf(tag, asked.language());
        assertThat(version).as("version of %s: %s", resource, got).isGreaterThanOrEqualTo(floor);
        boolean collapsed = got.cacheStatus().contains("collapsed");
        if (!collapsed) { // it came while somebody else's was on its way, which began earlier
            assertThat(resource.endedFor(version, beganNanos))
                    .as("for how long %s has had a later version: %s", resource, got)
                    .isLessThan(Math.max(1, resource.terms().useNanos()));
        }
        switch (got.status()) {
            case 200 -> judgeContent(asked, version, 0, resource.length(version), got);
            case 206 -> judgePart(asked, version, got);
            case 304 -> {
                assertThat(tag).as("%s", got).isEqualTo(asked.knownTag());
                counts.get(Seen.NOT_MODIFIED).incrementAndGet();
            }
            default -> throw new AssertionError("for " + asked + ": " + got);
        }
        count(got, collapsed ? Seen.COLLAPSED : got.isHit() ? Seen.HIT : Seen.FETCHED);
        return tag;
    }

    private void count(Response got, Seen seen) {
        counts.get(seen).incrementAndGet();
        if (got.cacheStatus().contains("detail=stale")) {
            counts.get(Seen.STALE).incrementAndGet();
        }
    }

    private void judgePart(Question asked, int version, Response got) {
        int complete = asked.resource().length(version);
        assertThat(got.first("Content-Range"))
                .as("%s", got)
                .isEqualTo("bytes " + asked.first() + "-" + asked.last() + "/" + complete);
        judgeContent(asked, version, asked.first(), asked.last() + 1, got);
        counts.get(Seen.PART).incrementAndGet();
    }

    private void judgeContent(Question asked, int version, int from, int to, Response got) {
        String length = got.first("Content-Length");
        if (length != null) {
            assertThat(Integer.parseInt(length)).as("%s", got).isEqualTo(to - from);
        }
        if (asked.method().equals("HEAD")) {
            assertThat(got.body()).isEmpty();
            return;
        }
        int came = got.body().length;
        byte[] right = asked.resource().content(version, asked.language(), from, came);
        int wrong = Arrays.mismatch(got.body(), right);
        assertThat(wrong).as("first wrong byte for %s: %s", asked, got).isEqualTo(-1);
        assertThat(came).as("%s: %s", asked, got).isLessThanOrEqualTo(to - from);
        bytes.addAndGet(came);
        if (got.whole()) {
            assertThat(came).as("of a whole response to %s: %s", asked, got).isEqualTo(to - from);
        } else if (!asked.leaves()) {
            counts.get(Seen.CUT).incrementAndGet();
        }
    }

    @Override
    public String toString() {
        return counts + ", " + (bytes.get() >> 20) + " MiB checked";
    }
}
