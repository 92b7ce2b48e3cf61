package dev.lastref.bench.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lastref.bench.chart.Panel.Axis;
import dev.lastref.bench.chart.Panel.Tick;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class FigureTest {
    private static final Axis X = new Axis("hours", 0, 10, List.of(new Tick(0, "0"), new Tick(10, "10")));
    private static final Axis Y = new Axis("share & more", 0, 1, List.of(new Tick(1, "100 %")));
    private static final Series LINE =
            new Series("a", 0, false, List.of(new Series.Point(0, 0), new Series.Point(10, 1)));
    private static final Series DASHED =
            new Series("b", 1, true, List.of(new Series.Point(0, 0.5), new Series.Point(10, 2)));

    private static Document parsed(Panel panel) throws Exception {
        String svg = Figure.draw("one \"title\"", List.of(panel));
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    }

    private static String points(Document document, String element) {
        return ((Element) document.getElementsByTagName(element).item(0)).getAttribute("points");
    }

    @Test
    void linesRunFromTheAxesBeginningToTheirEnd() throws Exception {
        Document document = parsed(new Panel("panel", X, Y, List.of(LINE, DASHED), false));
        assertThat(document.getElementsByTagName("polyline").getLength()).isEqualTo(2);
        assertThat(points(document, "polyline")).isEqualTo("64.0,210.0 690.0,40.0");
        assertThat(document.getElementsByTagName("title").item(0).getTextContent())
                .isEqualTo("one \"title\"");
    }

    @Test
    void whatIsBeyondTheAxisStaysAtItsEnd() throws Exception {
        Document document = parsed(new Panel("panel", X, Y, List.of(DASHED), false));
        assertThat(points(document, "polyline")).isEqualTo("64.0,125.0 690.0,40.0");
    }

    @Test
    void aFilledPanelHasAnAreaForEachLineThatIsNotDashed() throws Exception {
        Document document = parsed(new Panel("panel", X, Y, List.of(LINE, DASHED), true));
        assertThat(document.getElementsByTagName("polygon").getLength()).isEqualTo(1);
        assertThat(points(document, "polygon")).isEqualTo("64.0,210.0 64.0,210.0 690.0,40.0 690.0,210.0");
        assertThat(document.getElementsByTagName("polyline").getLength()).isEqualTo(1);
    }

    @Test
    void anAxisWithoutExtentIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Axis("x", 1, 1, List.of()))
                .withMessageContaining("'x'");
    }
}
