package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lastref.cache.semantics.Credentials;
import dev.lastref.http.testing.Content;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Fields by which a proxy that authenticates says who asks count as Authorization does. */
class CredentialsTest extends SidecarTest {
    private static final byte[] CONTENT = Content.of(71, 500);

    static Stream<String> names() {
        return Credentials.names().stream().sorted();
    }

    @ParameterizedTest
    @MethodSource("names")
    void rfc9111_3_5_whatIsForOneWhoIsNamedIsNotStored(String name) throws Exception {
        start();
        origin.on("/a", ok("max-age=60", CONTENT), ok("max-age=60", Content.of(72, 500)));
        assertThat(sidecar.get("/a", name + ": alice").body()).isEqualTo(CONTENT);
        assertThat(sidecar.get("/a", name + ": bob").isHit()).isFalse();
        assertThat(sidecar.get("/a").body()).isNotEqualTo(CONTENT);
    }

    @ParameterizedTest
    @MethodSource("names")
    void rfc9111_3_5_whatIsStoredIsNotForOneWhoIsNamed(String name) throws Exception {
        start();
        origin.on("/a", ok("max-age=60", CONTENT), ok("max-age=60", Content.of(72, 500)));
        sidecar.get("/a");
        assertThat(sidecar.get("/a").isHit()).isTrue();
        assertThat(sidecar.get("/a", name + ": alice").body()).isNotEqualTo(CONTENT);
        assertThat(sidecar.get("/a").body()).isEqualTo(CONTENT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"public, max-age=60", "s-maxage=60", "must-revalidate, max-age=60"})
    void rfc9111_3_5_whatTheOriginLetsAllHaveIsShared(String control) throws Exception {
        start();
        origin.on("/a", ok(control, CONTENT));
        sidecar.get("/a", "X-Forwarded-User: alice");
        assertThat(sidecar.get("/a", "X-Forwarded-User: bob").isHit()).isTrue();
        assertThat(sidecar.get("/a").isHit()).isTrue();
    }

    /** A mesh adds it to each request. */
    @Test
    void theCertificateThatAProxyHasSeenIsPartOfTheKey() throws Exception {
        start();
        origin.on("/a", ok("max-age=60", CONTENT), ok("max-age=60", Content.of(72, 500)));
        String field = "X-Forwarded-Client-Cert: Hash=";
        assertThat(sidecar.get("/a", field + "1").body()).isEqualTo(CONTENT);
        assertThat(sidecar.get("/a", field + "2").body()).isNotEqualTo(CONTENT);
        assertThat(sidecar.get("/a").body()).isNotEqualTo(CONTENT);
        assertThat(sidecar.get("/a", field + "1").isHit()).isTrue();
        assertThat(sidecar.get("/a", field + "1").body()).isEqualTo(CONTENT);
        assertThat(sidecar.get("/a").isHit()).isTrue();
        assertThat(sidecar.get("/a").body()).isNotEqualTo(CONTENT);
    }

    /** From anybody else they are dropped, and so say nothing. */
    @Test
    void rfc9111_3_5_whoIsNotTrustedNamesNobody() throws Exception {
        start("trusted-proxies=none");
        origin.on("/a", ok("max-age=60", CONTENT));
        sidecar.get("/a", "X-Forwarded-User: alice");
        assertThat(sidecar.get("/a", "X-Forwarded-User: bob").isHit()).isTrue();
        assertThat(origin.requests("/a").get(0).all("X-Forwarded-User")).isEmpty();
    }
}
