package dev.lastref.cache.semantics;

import java.util.List;
import org.greenbytes.http.sfv.BooleanItem;
import org.greenbytes.http.sfv.Dictionary;
import org.greenbytes.http.sfv.IntegerItem;
import org.greenbytes.http.sfv.Parser;
import org.greenbytes.http.sfv.StringItem;
import org.jspecify.annotations.Nullable;

/**
 * The cache directives of a response that count here: those of the first targeted field that it has, or of Cache-Control
 * (RFC 9213, section 2.2).
 *
 * <p>A targeted field is a dictionary of structured fields; one that is none, or is empty, is passed over, as if the
 * response did not have it. {@code Surrogate-Control} came before structured fields and is read as Cache-Control is.
 *
 * @param control the directives
 * @param targeted whether a targeted field gave them: then Cache-Control, Expires and Pragma say nothing
 */
record ResponseDirectives(CacheControl control, boolean targeted) {
    /** Of the W3C's Edge Architecture Specification: max-age, also as {@code 600+30}, and no-store. */
    static final String SURROGATE_CONTROL = "Surrogate-Control";

    static ResponseDirectives of(FieldList response, List<String> targets) {
        for (String target : targets) {
            List<String> lines = response.all(target);
            CacheControl control = lines.isEmpty() ? null : parse(target, lines);
            if (control != null) {
                return new ResponseDirectives(control, true);
            }
        }
        return new ResponseDirectives(CacheControl.ofResponse(response), false);
    }

    private static @Nullable CacheControl parse(String target, List<String> lines) {
        return Ascii.equalsIgnoreCase(target, SURROGATE_CONTROL) ? surrogate(lines) : dictionary(lines);
    }

    private static @Nullable CacheControl surrogate(List<String> lines) {
        CacheControl.Builder directives = CacheControl.builder();
        boolean[] any = new boolean[1];
        boolean closed = true;
        for (String line : lines) {
            closed &= DirectiveParser.parse(line, (name, argument) -> {
                if (name.equals("no-store")) {
                    any[0] = true;
                    directives.directive(name, null);
                } else if (name.equals("max-age")) {
                    any[0] = true;
                    surrogateMaxAge(directives, argument);
                }
            });
        }
        if (!closed) {
            directives.restrict();
        }
        return any[0] ? directives.build() : null;
    }

    /** What comes behind the plus is a time for which it may be stale while the origin is asked. */
    private static void surrogateMaxAge(CacheControl.Builder directives, @Nullable String argument) {
        int plus = argument == null ? -1 : argument.indexOf('+');
        if (argument == null || plus < 0) {
            directives.directive("max-age", argument);
            return;
        }
        String fresh = argument.substring(0, plus);
        boolean readable = DeltaSeconds.parse(fresh) != DeltaSeconds.INVALID;
        directives.directive("max-age", fresh);
        directives.directive("stale-while-revalidate", readable ? argument.substring(plus + 1) : "?");
    }

    private static @Nullable CacheControl dictionary(List<String> lines) {
        Dictionary members;
        try {
            members = Parser.parseDictionary(String.join(",", lines));
        } catch (IllegalArgumentException notADictionary) { // the parser's own exception is one
            return null;
        }
        if (members.get().isEmpty()) {
            return null;
        }
        CacheControl.Builder directives = CacheControl.builder();
        members.get().forEach((name, value) -> {
            if (value instanceof BooleanItem flag) {
                if (flag.get()) {
                    directives.directive(name, null);
                }
            } else if (value instanceof IntegerItem number) {
                directives.directive(name, Long.toString(number.getAsLong()));
            } else if (value instanceof StringItem text) {
                directives.quoted(name, text.get());
            } else {
                directives.directive(name, "?"); // of a type that no directive has
            }
        });
        return directives.build();
    }
}
