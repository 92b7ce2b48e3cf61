package dev.lastref.http.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.lastref.http.message.Networks;
import dev.lastref.http.message.RequestTarget;
import java.util.Map;
import java.util.function.Consumer;

/** Whatever an operator writes, a setting is taken, or refused with the exception that is declared; and no target makes its readers throw. */
class TextsFuzzTest {
    @FuzzTest(maxDuration = "30s")
    void whatIsNotTakenIsRefused(byte[] bytes) {
        String text = new String(bytes, UTF_8);
        refuses(text, Units::size);
        refuses(text, Units::duration);
        refuses(text, Networks::of);
        RequestTarget.isAbsoluteHttp("http://" + text);
        RequestTarget.isAuthority(text);
        RequestTarget.pathOf("http://" + text);
        for (RuleSetting setting : RuleSetting.values()) {
            try {
                ConfigLoader.load(
                        null,
                        Map.of(),
                        Map.of(
                                "lastref.origin",
                                "http://127.0.0.1:1",
                                "lastref.rules.a.path",
                                "/*",
                                "lastref.rules.b." + setting.property(),
                                text));
            } catch (ConfigException refused) {
                // It is declared.
            }
        }
    }

    private static void refuses(String text, Consumer<String> reader) {
        try {
            reader.accept(text);
        } catch (IllegalArgumentException refused) {
            // It is declared.
        }
    }
}
