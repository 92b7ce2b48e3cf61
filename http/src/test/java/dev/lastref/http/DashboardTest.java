package dev.lastref.http;

import static dev.lastref.http.testing.ScriptedOrigin.ok;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.lastref.http.testing.Browser;
import dev.lastref.http.testing.Browser.Theme;
import dev.lastref.http.testing.Content;
import dev.lastref.http.testing.RawClient;
import dev.lastref.http.testing.TestSidecar;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The dashboard, in a real Chromium. With {@code -Dlastref.screenshots=DIRECTORY} it leaves pictures there to be looked at.
 */
@Timeout(180)
class DashboardTest extends SidecarTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int SEGMENT = 256 * 1024;
    private static Browser browser;

    private final JsonMapper json = new JsonMapper();

    @BeforeAll
    static void startBrowser() {
        browser = Browser.start();
    }

    @AfterAll
    static void closeBrowser() {
        if (browser != null) {
            browser.close();
        }
    }

    @BeforeEach
    void onADesktop() {
        browser.resize(1400, 1000).prefer(Theme.LIGHT);
    }

    /** The page, once it shows the pool. */
    private void open() {
        browser.open(sidecar.admin(), "/");
        browser.run("localStorage.clear()");
        browser.complaints();
        browser.awaitText("#state", "^ready$");
        browser.awaitText("#pool-facts", "segments");
    }

    private void store(String target, int seed, int length, String... fields) throws IOException {
        origin.on(target, ok("max-age=600", Content.of(seed, length), fields));
        assertThat(sidecar.get(target).status()).isEqualTo(200);
    }

    private JsonNode pool() throws IOException {
        return json.readTree(sidecar.admin("/api/pool"));
    }

    /** No script failed, and nothing was asked for that the policy forbids. */
    private static void assertNothingWrong() {
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void theBarAndItsTableShowThePoolsAccount() throws Exception {
        start("pool.size=16MiB");
        store("/a", 1, 3_000_000);
        open();
        await().atMost(PATIENCE).untilAsserted(() -> {
            JsonNode bytes = pool().get("bytes");
            assertThat(shares())
                    .allSatisfy((state, share) ->
                            assertThat(share).isEqualTo(bytes.get(state).asLong()));
            assertThat(shares().values().stream().mapToLong(Long::longValue).sum())
                    .isEqualTo(16 << 20);
        });
        assertThat(shares()).hasSize(7);
        browser.awaitStill();
        assertThat(
                        browser.number(
                                "const part = document.querySelector('#bar .live').getBoundingClientRect().width;"
                                        + "return Math.round(1000 * part / document.getElementById('bar').getBoundingClientRect().width)"))
                .isBetween(170L, 190L);
        assertThat(browser.text("#capacity")).isEqualTo("16 MiB");
        assertThat(browser.text("#bytes tbody")).contains("live", "2.86 MiB", "17.9 %", "in stored responses");
        assertThat(browser.attribute("#bar", "aria-label")).contains("live 2.86", "free");
        assertNothingWrong();
    }

    /** What the bar is made of: bytes by state. */
    private static java.util.Map<String, Long> shares() {
        java.util.Map<String, Long> shares = new java.util.LinkedHashMap<>();
        for (WebElement part : browser.all("#bar .part")) {
            String state = part.getDomAttribute("class").replace("part ", "");
            shares.put(state, Long.valueOf(part.getDomAttribute("data-bytes")));
        }
        return shares;
    }

    @Test
    void theMapHasACellForEachSegmentAndSaysWhatIsInIt() throws Exception {
        start("pool.size=16MiB", "pool.segment-size=256KiB");
        store("/a", 2, 4 * SEGMENT);
        open();
        await().atMost(PATIENCE)
                .until(() -> browser.all(".cell[data-state=live], .cell[data-state=filling]")
                                .size()
                        >= 4);
        assertThat(browser.all(".cell")).hasSize(64);
        // All of them but those that are prepared meanwhile.
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(browser.all(".cell:not([data-state=free])"))
                        .hasSize(pool().get("segments").size()));
        WebElement live = browser.find(".cell[data-state=live]");
        assertThat(live.getDomAttribute("aria-label")).matches("segment \\d+, live, 100.% live, 0.% dead, 0.% not cut");
        live.click();
        assertThat(browser.text("#segment"))
                .contains("live", "Live\n256 KiB", "Dead\n0 B", "Extents\n1", "Lifetime\nfrom 4 min");
        assertNothingWrong();
    }

    @Test
    void theMapIsWalkedWithTheArrowKeys() throws Exception {
        start("pool.size=16MiB", "pool.segment-size=256KiB");
        store("/a", 3, 4 * SEGMENT);
        open();
        WebElement map = browser.find("#map");
        map.sendKeys(Keys.HOME);
        assertThat(active()).isEqualTo("cell-0");
        map.sendKeys(Keys.ARROW_RIGHT);
        assertThat(active()).isEqualTo("cell-1");
        assertThat(browser.text("#segment")).contains("Segment");
        long columns = browser.number("const cells = [...document.querySelectorAll('.cell')];"
                + "return cells.findIndex(cell => cell.offsetTop !== cells[0].offsetTop)");
        map.sendKeys(Keys.ARROW_DOWN);
        assertThat(active()).isEqualTo("cell-" + (1 + columns));
        map.sendKeys(Keys.ARROW_UP, Keys.ARROW_LEFT, Keys.ARROW_LEFT);
        assertThat(active()).as("it stops at the first").isEqualTo("cell-0");
        map.sendKeys(Keys.END);
        assertThat(active()).isEqualTo("cell-63");
        assertThat(browser.all("[aria-selected=true]")).hasSize(1);
        assertNothingWrong();
    }

    private static String active() {
        return browser.attribute("#map", "aria-activedescendant");
    }

    @ParameterizedTest
    @CsvSource({"360, LIGHT", "360, DARK", "768, LIGHT", "1400, LIGHT", "1400, DARK"})
    void itFitsAndCanBeReadAtAnyWidthInLightAndDark(int width, Theme theme) throws Exception {
        start("pool.size=256MiB", "pool.segment-size=256KiB");
        origin.on("/large", ok("max-age=600", Content.of(9, 3_000_000)));
        for (int i = 0; i < 24; i++) {
            store("/articles/" + i + "/a-name-that-is-longer-than-a-phone-is-wide-" + "x".repeat(60), i, 40_000 * i);
        }
        browser.resize(width, 800).prefer(theme);
        try (RawClient stalled = RawClient.connect(sidecar.address(), 16 * 1024)) {
            stalled.request("GET", "/large").head();
            open();
            browser.run("document.getElementById('entries-title').scrollIntoView()");
            browser.awaitText("#holders", "/large");
            browser.awaitText("#entries", "/articles/23");
            assertThat(browser.all(".cell")).hasSize(1024);
            browser.run(
                    "document.querySelector('.cell').dispatchEvent(new PointerEvent('pointerdown', {bubbles: true}))");

            assertThat(browser.number("return document.documentElement.scrollWidth"))
                    .as("nothing sticks out")
                    .isEqualTo(browser.number("return document.documentElement.clientWidth"))
                    .isGreaterThan(width - 20);
            String ground =
                    String.valueOf(browser.run("return getComputedStyle(document.documentElement).backgroundColor"));
            assertThat(luminance(ground)).matches(light -> theme == Theme.LIGHT ? light > 0.8 : light < 0.2);
            browser.find("#watch").click();
            await().atMost(PATIENCE).untilAsserted(() -> {
                sidecar.get("/articles/3/a-name-that-is-longer-than-a-phone-is-wide-" + "x".repeat(60));
                assertThat(browser.text("#requests tbody")).contains("/articles/3/");
            });
            assertThat(browser.number("return document.documentElement.scrollWidth"))
                    .as("nothing sticks out")
                    .isEqualTo(browser.number("return document.documentElement.clientWidth"));
            assertThat(browser.accessibilityFaults()).isEmpty();
            browser.run("document.querySelector('input[value=lifetime]').click()");
            assertThat(browser.accessibilityFaults()).isEmpty();
            photograph("dashboard-" + width + "-" + theme);
        }
        assertNothingWrong();
    }

    /** Of rgb(…), from 0 to 1, roughly. */
    private static double luminance(String colour) {
        String[] parts = colour.replaceAll("[^0-9,]", "").split(",");
        return (Integer.parseInt(parts[0]) + Integer.parseInt(parts[1]) + Integer.parseInt(parts[2])) / 765.0;
    }

    private static void photograph(String name) throws IOException {
        String directory = System.getProperty("lastref.screenshots");
        if (directory != null) {
            Files.createDirectories(Path.of(directory));
            browser.photograph(Path.of(directory, name + ".png"));
        }
    }

    @Test
    void theThemeCanBeSwitchedAndIsRemembered() throws Exception {
        start();
        open();
        String byTheSystem = ground();
        browser.find("#theme option[value=dark]").click();
        assertThat(ground()).isNotEqualTo(byTheSystem);
        browser.driver().navigate().refresh();
        assertThat(browser.find("#theme").getDomProperty("value")).isEqualTo("dark");
        assertThat(ground()).isNotEqualTo(byTheSystem);
        browser.find("#theme option[value=system]").click();
        assertThat(ground()).isEqualTo(byTheSystem);
        browser.prefer(Theme.DARK);
        assertThat(ground()).isNotEqualTo(byTheSystem);
        assertNothingWrong();
    }

    private static String ground() {
        return String.valueOf(browser.run("return getComputedStyle(document.documentElement).backgroundColor"));
    }

    @Test
    void everythingIsReachedWithTheTabKeyAndShowsThatItIs() throws Exception {
        start();
        store("/a", 4, 1000);
        open();
        browser.awaitText("#entries", "/a");
        browser.awaitText("#figures", "1 since the start");
        browser.run("document.activeElement.blur()");
        List<String> reached = new ArrayList<>();
        for (int i = 0; i < 40 && !reached.contains("Purge …"); i++) {
            new org.openqa.selenium.interactions.Actions(browser.driver())
                    .sendKeys(Keys.TAB)
                    .perform();
            WebElement focused = browser.driver().switchTo().activeElement();
            reached.add(focused.getAccessibleName());
            assertThat(browser.run("return getComputedStyle(arguments[0]).outlineStyle", focused))
                    .as("outline of %s", focused.getAccessibleName())
                    .isNotEqualTo("none");
        }
        assertThat(reached)
                .doesNotContain("")
                .containsSubsequence(
                        "Pause",
                        "Theme",
                        "State",
                        "Segments",
                        "By",
                        "URL",
                        "only make stale",
                        "Purge",
                        "URLs that begin with",
                        "Show",
                        "Purge …");
        assertThat(reached).anyMatch(name -> name.startsWith("Requests now:"));
        assertNothingWrong();
    }

    @Test
    void theFiguresFollowTheRequests() throws Exception {
        start();
        open();
        assertThat(browser.text("#figures")).contains("Hit ratio", "Requests", "Origin", "Held by clients");
        store("/a", 5, 1000);
        for (int i = 0; i < 9; i++) {
            sidecar.get("/a");
        }
        browser.awaitText("#figures", "90.0 % since the start");
        browser.awaitText("#figures", "10 since the start");
        assertThat(browser.all("#charts figure")).hasSize(4);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(browser.find("#charts path.hit").getDomAttribute("d"))
                        .contains("L"));
        assertNothingWrong();
    }

    @Test
    void whoHoldsMemoryIsNamedAndItsSegmentsAreMarked() throws Exception {
        start("pool.size=64MiB");
        String large = "/large?" + "x".repeat(300);
        store(large, 6, 8_000_000);
        open();
        try (RawClient stalled = RawClient.connect(sidecar.address(), 16 * 1024)) {
            stalled.request("GET", large).head();
            browser.awaitText(
                    "#holders tbody", "127\\.0\\.0\\.1:" + stalled.socket().getLocalPort());
            assertThat(browser.text("#holders tbody")).contains("/large", "sending");
            assertThat(browser.number("const address = document.createRange();"
                            + " address.selectNodeContents(document.querySelector('#holders tbody td'));"
                            + " return address.getClientRects().length"))
                    .as("lines that its address takes beside what is longer")
                    .isEqualTo(1);
            await().atMost(PATIENCE).until(() -> !browser.all(".cell.held").isEmpty());
            browser.run("document.querySelector('#holders tbody tr').focus()");
            await().atMost(PATIENCE).until(() -> !browser.all(".cell.marked").isEmpty());
            assertThat(browser.all(".cell.marked"))
                    .allMatch(cell -> cell.getDomAttribute("class").contains("held"));
        }
        await().atMost(PATIENCE).until(() -> browser.isVisible("#no-holders"));
        assertThat(browser.isVisible("#holders")).isFalse();
        assertNothingWrong();
    }

    @Test
    void whatIsPurgedInTheBoxIsGone() throws Exception {
        start();
        store("/news/1", 7, 1000);
        store("/news/2", 8, 1000);
        open();
        browser.awaitText("#entries", "/news/2");
        browser.all("#entries .action button").get(0).click();
        String proposed = browser.find("#purge-what").getDomProperty("value");
        assertThat(proposed).endsWith("/news/1");
        browser.find("#purge-what").sendKeys(Keys.ENTER);
        browser.awaitText("#purge-result", "1 response purged, by url http://.*/news/1\\.");
        await().atMost(PATIENCE).until(() -> !browser.text("#entries").contains("/news/1"));
        assertThat(browser.text("#entries")).contains("/news/2");

        browser.find("#purge-by option[value=prefix]").click();
        fill("#purge-what", "/news/");
        browser.find("#purge-soft").click();
        browser.find("#purge-go").click();
        browser.awaitText("#purge-result", "1 response made stale, by what begins with /news/");
        sidecar.get("/news/1");
        assertThat(origin.requests("/news/1")).hasSize(2);
        assertNothingWrong();
    }

    private static void fill(String selector, String text) {
        WebElement input = browser.find(selector);
        input.clear();
        input.sendKeys(text);
    }

    @Test
    void aPurgeThatCannotBeDoneSaysWhy() throws Exception {
        start();
        open();
        browser.find("#purge-go").click();
        browser.awaitText("#purge-result", "Say what to purge");
        fill("#purge-what", "neither");
        browser.find("#purge-go").click();
        browser.awaitText("#purge-result", "Not purged\\. 400: .*neither");
        assertThat(browser.attribute("#purge-result", "class")).contains("bad");
    }

    @Test
    void everythingIsPurgedOnlyWhenAskedTwice() throws Exception {
        start();
        store("/a", 10, 1000);
        open();
        browser.find("#purge-by option[value=all]").click();
        assertThat(browser.isVisible("#purge-what")).isFalse();
        browser.find("#purge-go").click();
        assertThat(browser.isVisible("#confirm")).isTrue();
        browser.driver().switchTo().activeElement().sendKeys(Keys.ESCAPE);
        await().atMost(PATIENCE).until(() -> !browser.isVisible("#confirm"));
        assertThat(json.readTree(sidecar.admin("/api/entries")).get("entries")).hasSize(1);

        browser.find("#purge-go").click();
        assertThat(browser.accessibilityFaults()).isEmpty();
        browser.find("#confirm button[value=yes]").click();
        browser.awaitText("#purge-result", "1 response purged, by everything");
        assertThat(json.readTree(sidecar.admin("/api/entries")).get("entries")).isEmpty();
        assertNothingWrong();
    }

    @Test
    void requestsAreShownAsTheyEndWhileSomebodyWatches() throws Exception {
        start();
        store("/a", 20, 1000);
        open();
        assertThat(browser.isVisible("#requests")).isFalse();
        assertThat(sidecar.metric("lastref_log_readers")).isZero();
        browser.find("#watch").sendKeys(Keys.SPACE);
        assertThat(browser.attribute("#watch", "aria-pressed")).isEqualTo("true");
        await().atMost(PATIENCE).until(() -> sidecar.metric("lastref_log_readers") == 1);
        try (RawClient client = sidecar.connect()) {
            for (int i = 0; i < 5; i++) { // all but the first are answered before the server has parsed them
                client.request("GET", "/a").response();
            }
        }
        sidecar.get("/missing?<b>x</b>");
        browser.awaitText("#requests-facts", "the last 6");
        assertThat(browser.all("#requests tbody tr")).hasSize(6);
        assertThat(browser.text("#requests tbody tr:first-child"))
                .contains("404", "miss", "GET http://test/missing?<b>x</b>", "127.0.0.1");
        assertThat(browser.text("#requests tbody tr:last-child")).contains("200", "hit", "1000 B", "GET http://test/a");
        assertThat(browser.accessibilityFaults()).isEmpty();

        browser.find("#requests-status option:nth-child(4)").click(); // 4xx
        await().atMost(PATIENCE).until(() -> browser.all("#requests tbody tr").isEmpty());
        await().atMost(PATIENCE).untilAsserted(() -> {
            sidecar.get("/a");
            sidecar.get("/gone");
            assertThat(browser.text("#requests tbody")).contains("/gone");
        });
        assertThat(browser.text("#requests tbody")).doesNotContain("http://test/a");
        fill("#requests-path", "/sought*");
        browser.find("#requests-path").sendKeys(Keys.ENTER);
        await().atMost(PATIENCE).untilAsserted(() -> {
            sidecar.get("/gone");
            sidecar.get("/sought/1");
            assertThat(browser.text("#requests tbody")).contains("/sought/1").doesNotContain("/gone");
        });

        browser.find("#watch").click();
        await().atMost(PATIENCE).until(() -> {
            sidecar.get("/sought/2"); // a reader that has gone is noticed when it is sent something
            return sidecar.metric("lastref_log_readers") == 0;
        });
        assertNothingWrong();
    }

    /** A select shows its arrow beside the value; what has no room for both shows the arrow. */
    @ParameterizedTest
    @ValueSource(ints = {320, 360, 390, 640, 768, 1400})
    void whatAFilterIsSetToCanBeReadAtAnyWidth(int width) throws Exception {
        start();
        store("/a", 24, 1000);
        browser.resize(width, 844);
        open();
        for (WebElement select : browser.all("#requests-filter select")) {
            long needed = browser.number("""
                    const clone = arguments[0].cloneNode(true);
                    clone.removeAttribute('id');
                    Object.assign(clone.style, {position: 'absolute', width: 'auto', minWidth: 'auto', flex: 'none'});
                    arguments[0].parentNode.append(clone);
                    const width = clone.getBoundingClientRect().width;
                    clone.remove();
                    return Math.floor(width)""", select);
            assertThat(needed).as("what the longest value takes").isGreaterThan(50);
            assertThat(select.getRect().getWidth())
                    .as("%s at %d px", select.getDomAttribute("id"), width)
                    .isGreaterThanOrEqualTo((int) needed);
        }
        assertThat(browser.number("return document.documentElement.scrollWidth"))
                .as("nothing sticks out")
                .isEqualTo(browser.number("return document.documentElement.clientWidth"));
        browser.run("document.getElementById('requests-filter').scrollIntoView({block: 'center'})");
        photograph("requests-" + width);
        assertNothingWrong();
    }

    @Test
    void whatIsStoredIsShownWithTheTimeThatItIsOfAndShownAnewWhileItIsLookedAt() throws Exception {
        start();
        store("/a", 25, 1000);
        open();
        browser.run("document.getElementById('entries-title').scrollIntoView()");
        browser.awaitText("#entries-facts", "^1, as of \\d+:\\d\\d:\\d\\d$");
        String first = browser.text("#entries-facts");
        store("/b", 26, 1000);
        browser.awaitText("#entries-facts", "^2, as of \\d+:\\d\\d:\\d\\d$");
        assertThat(browser.text("#entries-facts").substring(1)).isNotEqualTo(first.substring(1));
        assertNothingWrong();
    }

    @Test
    void severalOriginsAreShownWithWhatIsTheMatterWithThem() throws Exception {
        String gone;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            gone = "http://127.0.0.1:" + closed.getLocalPort();
        }
        sidecar = TestSidecar.before(
                origin.url() + "," + gone, "origin.health.interval=50ms", "origin.health.down-after=2");
        store("/a", 21, 1000);
        open();
        browser.awaitText("#origins", "down");
        assertThat(browser.all("#origins tbody tr")).hasSize(2);
        assertThat(browser.text("#origins tbody tr:first-child")).contains(origin.url(), "up");
        assertThat(browser.text("#origins tbody tr:last-child"))
                .contains(gone, "refused", "down, asked again in 1 s at the earliest");
        assertThat(browser.text("#origins-facts")).isEqualTo("1 of 2 not asked");
        assertThat(browser.accessibilityFaults()).isEmpty();
        browser.resize(360, 800);
        assertThat(browser.number("return document.documentElement.scrollWidth"))
                .isEqualTo(browser.number("return document.documentElement.clientWidth"));
        assertThat(browser.accessibilityFaults()).isEmpty();
        assertNothingWrong();
    }

    @Test
    void whileItIsNotReadyItSaysWhatItWaitsFor() {
        origin.close();
        start();
        browser.resize(320, 800);
        browser.open(sidecar.admin(), "/");
        browser.awaitText("#state", "^not ready: no origin has answered yet");
        assertThat(browser.number("return document.documentElement.scrollWidth"))
                .isEqualTo(browser.number("return document.documentElement.clientWidth"));
        assertThat(browser.accessibilityFaults()).isEmpty();
        assertNothingWrong();
    }

    @Test
    void aSoleOriginThatIsWellTakesNoRoom() throws Exception {
        start();
        store("/a", 22, 1000);
        open();
        assertThat(browser.isVisible("#origins")).isFalse();
    }

    @Test
    void theTokenIsAskedForOnceAndKeptByNobody(@TempDir Path directory) throws Exception {
        Path token = Files.writeString(directory.resolve("token"), "0123456789abcdef");
        start("admin.token-file=" + token);
        store("/a", 23, 1000);
        browser.open(sidecar.admin(), "/");
        await().atMost(PATIENCE).until(() -> browser.isVisible("#login"));
        assertThat(browser.text("#state")).isEqualTo("locked");
        assertThat(browser.accessibilityFaults()).isEmpty();
        // It comes again if it is closed, and says nothing of a token that nobody has given.
        browser.run(
                "window.timesClosed = 0; document.getElementById('login').addEventListener('close', () => window.timesClosed++)");
        browser.driver().switchTo().activeElement().sendKeys(Keys.ESCAPE, Keys.ESCAPE);
        await().atMost(PATIENCE)
                .until(() -> browser.number("return window.timesClosed") > 0 && browser.isVisible("#login"));
        assertThat(browser.text("#login-result")).isEmpty();
        assertThat(browser.text("#pool-facts")).isEmpty();

        browser.driver().switchTo().activeElement().sendKeys("a wrong one", Keys.ENTER);
        browser.awaitText("#login-result", "It was not that one");
        browser.driver().switchTo().activeElement().sendKeys("0123456789abcdef", Keys.ENTER);
        browser.awaitText("#state", "^ready$");
        browser.awaitText("#pool-facts", "segments");
        browser.awaitText("#entries", "/a");
        fill("#purge-what", "/a");
        browser.find("#purge-go").click();
        browser.awaitText("#purge-result", "1 response purged");
        browser.find("#watch").click();
        await().atMost(PATIENCE).untilAsserted(() -> {
            sidecar.get("/a");
            assertThat(browser.text("#requests tbody")).contains("http://test/a");
        });
        assertThat(String.valueOf(browser.run(
                        "return JSON.stringify([localStorage, sessionStorage, document.cookie, location.href])")))
                .doesNotContain("0123456789abcdef");
        browser.driver().navigate().refresh();
        await().atMost(PATIENCE).until(() -> browser.isVisible("#login"));
        browser.complaints(); // of 401s, which are meant
    }

    @Test
    void whatOthersNameIsTextAndNeverMarkup() throws Exception {
        start();
        String markup = "<img/src=x/onerror=document.title='pwned'>";
        store("/<script>document.title='pwned'</script>", 11, 8_000_000, "Surrogate-Key: " + markup);
        open();
        try (RawClient stalled = RawClient.connect(sidecar.address(), 16 * 1024)) {
            stalled.request("GET", "/<script>document.title='pwned'</script>").head();
            browser.awaitText("#holders", "<script>document.title='pwned'</script>");
            browser.awaitText("#entries", "<script>document.title='pwned'</script>");
            assertThat(browser.text("#entries")).contains(markup);
            assertThat(browser.all("main script, main img")).isEmpty();
            fill("#purge-what", markup);
            browser.find("#purge-go").click();
            browser.awaitText("#purge-result", "Not purged.*<img");
            assertThat(browser.all("main script, main img")).isEmpty();
            assertThat(browser.driver().getTitle()).isEqualTo("Lastref");
        }
    }

    @Test
    void nothingComesFromElsewhere() throws Exception {
        start();
        open();
        String here = "http://127.0.0.1:" + sidecar.admin().getPort() + "/";
        @SuppressWarnings("unchecked")
        List<String> loaded =
                (List<String>) browser.run("return performance.getEntriesByType('resource').map(r => r.name)");
        assertThat(loaded).hasSizeGreaterThan(10).allMatch(name -> name.startsWith(here));
        browser.run(
                "const s = document.createElement('script'); s.textContent = 'document.title = \"pwned\"'; document.body.append(s)");
        assertThat(browser.driver().getTitle()).isEqualTo("Lastref");
        assertThat(browser.complaints()).singleElement().asString().contains("Content Security Policy");
    }

    @Test
    void whileItIsPausedNothingIsAsked() throws Exception {
        start();
        open();
        browser.find("#pause").click();
        browser.awaitText("#state", "^paused$");
        assertThat(browser.attribute("#pause", "aria-pressed")).isEqualTo("true");
        // What was on its way when it was paused may still come; the page's own timers show that time has passed after
        // it.
        browser.driver().executeAsyncScript("setTimeout(arguments[0], 1500)");
        long asked = resources();
        browser.driver().executeAsyncScript("setTimeout(arguments[0], 2500)");
        assertThat(resources()).isEqualTo(asked);
        browser.find("#pause").click();
        browser.awaitText("#state", "^ready$");
        assertThat(resources()).isGreaterThan(asked);
    }

    private static long resources() {
        return browser.number("return performance.getEntriesByType('resource').length");
    }

    @Test
    void whenTheSidecarIsGoneThePageSaysSo() throws Exception {
        start();
        open();
        sidecar.close();
        browser.awaitText("#state", "^no answer$");
        browser.awaitText("#notice", "The sidecar does not answer since \\d+:\\d+:\\d+");
        assertThat(browser.attribute("#notice", "role")).isEqualTo("alert");
        assertThat(browser.text("#capacity")).isEqualTo("32 MiB");
    }
}
