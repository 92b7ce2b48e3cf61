package dev.lastref.http.admin;

import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;

/** What is wrong with a body that is to be JSON, and where. */
final class JsonFault {
    /** What the parser says of itself. */
    private static final Pattern OF_ITSELF = Pattern.compile("\\s*\\(start marker at .*", Pattern.DOTALL);

    private JsonFault() {}

    static String told(JacksonException e) {
        TokenStreamLocation where = e.getLocation();
        String what = OF_ITSELF.matcher(e.getOriginalMessage()).replaceFirst("");
        return "the body is no JSON: " + what
                + (where == null ? "" : ", at line " + where.getLineNr() + ", column " + where.getColumnNr());
    }
}
