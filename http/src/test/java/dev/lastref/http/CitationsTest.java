package dev.lastref.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the documents say of where a requirement lives, and which test proves it, is there. */
class CitationsTest {
    private static final Path ROOT = Path.of("..");
    private static final List<String> TABLES = List.of("FramingAttackTest", "HostileOriginTest");
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    /** Packages, a class, and perhaps a member of it, or how the names of several begin. */
    private static final Pattern CLASS = Pattern.compile("(?:[a-z]+\\.)*([A-Z]\\w+)(?:\\.(\\w+?)_?…?)?");
    /** A member of the class that was named before. */
    private static final Pattern MEMBER = Pattern.compile("[….]?(\\w+?)_?…?");

    private final Map<String, String> sources = new HashMap<>();

    CitationsTest() throws IOException {
        for (String module : List.of("tmpfs-pool", "cache", "metrics", "http", "samples")) {
            for (String kind : List.of("main", "test")) {
                Path java = ROOT.resolve(module).resolve("src").resolve(kind).resolve("java");
                if (Files.isDirectory(java)) {
                    read(java);
                }
            }
        }
    }

    private void read(Path java) throws IOException {
        try (Stream<Path> files = Files.walk(java)) {
            for (Path file :
                    (Iterable<Path>) files.filter(path -> path.toString().endsWith(".java"))::iterator) {
                String name = file.getFileName().toString().replace(".java", "");
                sources.merge(name, Files.readString(file), String::concat);
            }
        }
    }

    private boolean has(String type, String member) {
        String source = sources.get(type);
        return source != null && Pattern.compile("\\b" + member).matcher(source).find();
    }

    /** What of the last cells of a row is nowhere. */
    private List<String> missing(String row, int cells) {
        String[] all = row.substring(1, row.lastIndexOf('|')).split("\\|");
        List<String> missing = new ArrayList<>();
        for (int i = all.length - cells; i < all.length; i++) {
            List<String> types = new ArrayList<>();
            for (Matcher code = CODE.matcher(all[i]); code.find(); ) {
                String cited = code.group(1);
                Matcher type = CLASS.matcher(cited);
                Matcher member = MEMBER.matcher(cited);
                if (type.matches()) {
                    types.add(type.group(1));
                    if (!has(type.group(1), type.group(2) == null ? type.group(1) : type.group(2))) {
                        missing.add(cited);
                    }
                } else if (!member.matches()
                        || Stream.concat(types.stream(), types.isEmpty() ? TABLES.stream() : Stream.of())
                                .noneMatch(named -> has(named, member.group(1)))) {
                    missing.add(cited);
                }
            }
        }
        return missing;
    }

    private static List<String> rows(String document) throws IOException {
        return Files.readAllLines(ROOT.resolve("docs").resolve(document)).stream()
                .filter(line -> line.startsWith("| ") && !line.startsWith("| ---"))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http.md", "security.md"})
    void whatTheTablesCiteIsThere(String document) throws IOException {
        int cells = document.equals("http.md") ? 2 : 1;
        List<String> missing = new ArrayList<>();
        for (String row : rows(document)) {
            missing(row, cells).forEach(cited -> missing.add(cited + " in " + row));
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void everyRowOfTheSecurityTableHasATest() throws IOException {
        assertThat(rows("security.md"))
                .filteredOn(row -> !row.startsWith("| attack |"))
                .isNotEmpty()
                .allMatch(row ->
                        row.substring(row.lastIndexOf('|', row.length() - 3)).contains("Test"));
    }

    /** Else the test could not fail. */
    @Test
    void whatIsNotThereIsFound() {
        String absent = "isNot" + "There"; // not as a whole in this file
        assertThat(missing("| 1 | x | `Nowhere` | `CitationsTest.whatIsNot…`, `…" + absent + "` |", 2))
                .containsExactly("Nowhere", "…" + absent);
    }
}
