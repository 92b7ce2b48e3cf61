package dev.lastref.http.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lastref.pool.testing.Requires;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import org.awaitility.Awaitility;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** A real Chromium without a screen. Starting one takes a second or two, so a class starts one for all its tests. */
public final class Browser implements AutoCloseable {
    private static final String AXE = "/axe.min.js";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** How the page may look. */
    public enum Theme {
        LIGHT,
        DARK;

        private String feature() {
            return this == LIGHT ? "light" : "dark";
        }
    }

    private final ChromeDriver driver;

    private Browser(ChromeDriver driver) {
        this.driver = driver;
    }

    /** Starts one, or skips the test where Debian's packages chromium and chromium-driver, or others like them, are missing. */
    public static Browser start() {
        Requires.command("chromium");
        Requires.command("chromedriver");
        ChromeOptions options = new ChromeOptions();
        options.setBinary(inPath("chromium"));
        // Its sandbox refuses root, and a container's /dev/shm may be small.
        options.addArguments(
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run");
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        options.setCapability("goog:loggingPrefs", logs);
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(new File(inPath("chromedriver")))
                .usingAnyFreePort()
                .withSilent(true)
                .build();
        return new Browser(new ChromeDriver(service, options));
    }

    private static String inPath(String program) {
        for (String directory : (System.getenv("PATH") + ":/usr/bin").split(":")) {
            Path file = Path.of(directory, program);
            if (Files.isExecutable(file)) {
                return file.toString();
            }
        }
        throw new IllegalStateException(program + " was there a moment ago");
    }

    public ChromeDriver driver() {
        return driver;
    }

    /** The size of the window's content, in CSS pixels, on a device with so many pixels. Below 600 it is a phone, which is touched. */
    public Browser resize(int width, int height) {
        command(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
        return this;
    }

    /** What the system prefers. */
    public Browser prefer(Theme theme) {
        command(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", theme.feature()))));
        return this;
    }

    public Browser open(InetSocketAddress address, String path) {
        driver.get("http://127.0.0.1:" + address.getPort() + path);
        return this;
    }

    private Map<String, Object> command(String name, Map<String, Object> parameters) {
        return driver.executeCdpCommand(name, parameters);
    }

    public WebElement find(String selector) {
        return driver.findElement(By.cssSelector(selector));
    }

    public List<WebElement> all(String selector) {
        return driver.findElements(By.cssSelector(selector));
    }

    /** What is to be read there, without what is hidden. */
    public String text(String selector) {
        return String.valueOf(run("return document.querySelector(arguments[0])?.innerText", selector))
                .replace('\u00a0', ' ');
    }

    /** The content of an attribute, or "null". */
    public String attribute(String selector, String name) {
        return String.valueOf(
                run("return document.querySelector(arguments[0])?.getAttribute(arguments[1])", selector, name));
    }

    public boolean isVisible(String selector) {
        return Boolean.TRUE.equals(
                run("return document.querySelector(arguments[0])?.checkVisibility() ?? false", selector));
    }

    public Object run(String script, Object... arguments) {
        return driver.executeScript(script, arguments);
    }

    public long number(String script, Object... arguments) {
        return ((Number) run(script, arguments)).longValue();
    }

    /** Waits until the text there is as wanted. */
    public void awaitText(String selector, String expression) {
        Awaitility.await(selector)
                .atMost(PATIENCE)
                .untilAsserted(() -> org.assertj.core.api.Assertions.assertThat(text(selector))
                        .containsPattern(expression));
    }

    /** Waits until nothing of the page moves: what is measured while it does is on its way. */
    public void awaitStill() {
        Awaitility.await("animations and transitions to end")
                .atMost(PATIENCE)
                .until(() -> number("return document.getAnimations().length") == 0);
    }

    /** What the browser has complained of since this was last asked: scripts that failed, resources that were refused. */
    public List<String> complaints() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
                .map(LogEntry::getMessage)
                .toList();
    }

    /** What axe-core finds wrong with the page as it is now, by the rules of WCAG 2.2 AA and good practice: rule, and where. */
    @SuppressWarnings("unchecked")
    public List<String> accessibilityFaults() {
        run(axe());
        return (List<String>) driver.executeAsyncScript("const done = arguments[arguments.length - 1];"
                + "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
                + ".then(found => done(found.violations.flatMap(v => v.nodes.map(n =>"
                + " v.id + ': ' + n.target.join(' ') + ': ' + n.failureSummary))), e => done(['axe failed: ' + e]))");
    }

    private static String axe() {
        try (InputStream script = Browser.class.getResourceAsStream(AXE)) {
            return new String(script.readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A picture of all of the page. */
    public void photograph(Path png) throws IOException {
        Map<String, Object> picture =
                command("Page.captureScreenshot", Map.of("captureBeyondViewport", true, "format", "png"));
        Files.write(png, Base64.getDecoder().decode((String) picture.get("data")));
    }

    @Override
    public void close() {
        driver.quit();
    }
}
