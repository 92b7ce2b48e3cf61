package dev.lastref.cache.semantics;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Reduces Accept-Encoding to the one coding that an origin would choose, for origins that are known to have no others. Browsers write the
 * field in many ways that mean the same to such an origin; each would be a variant of its own otherwise. The origin is sent what is
 * compared, so what is stored is what it chose by that.
 *
 * @param codings in lower case, the one that the origin prefers first; empty: the field stays as it is
 */
public record EncodingChoice(List<String> codings) {
    private static final String NAME = "Accept-Encoding";
    private static final Pattern ZERO = Pattern.compile("q\\s*=\\s*0(?:\\.0{0,3})?", Pattern.CASE_INSENSITIVE);

    /** Leaves every request as it is. */
    public static final EncodingChoice NONE = new EncodingChoice(List.of());

    public EncodingChoice {
        codings = codings.stream().map(Ascii::lower).toList();
        for (String coding : codings) {
            if (!Ascii.isToken(coding)) {
                throw new IllegalArgumentException("\"" + coding + "\" is no content coding, such as gzip");
            }
        }
    }

    /**
     * The request with the coding chosen; with {@code identity} if none of them is acceptable, since without the field any would be (RFC
     * 9110, section 12.5.3).
     */
    public FieldList apply(FieldList request) {
        if (codings.isEmpty() || !request.contains(NAME)) {
            return request;
        }
        List<String> accepted = Members.of(request, NAME);
        FieldList.Builder fields = request.toBuilder();
        for (String coding : codings) {
            if (accepts(accepted, coding, false)) {
                return fields.set(NAME, coding).build();
            }
        }
        // Who refuses the content as it is must be heard by the origin.
        return accepts(accepted, "identity", true)
                ? fields.set(NAME, "identity").build()
                : request;
    }

    /** Whether a client that sent this request can read a representation as it is coded. */
    public static boolean isAcceptable(FieldList request, FieldList representation) {
        List<String> applied = Members.of(representation, "Content-Encoding");
        List<String> accepted = Members.of(request, NAME);
        return applied.stream().allMatch(coding -> accepts(accepted, Ascii.lower(coding), false));
    }

    /** RFC 9110, section 12.5.3: a coding by its own member, else by the asterisk's. */
    private static boolean accepts(List<String> members, String coding, boolean unnamed) {
        Boolean byAsterisk = null;
        for (String member : members) {
            int semicolon = member.indexOf(';');
            String name = Ascii.lower(Ascii.trim(member, 0, semicolon < 0 ? member.length() : semicolon));
            boolean wanted = semicolon < 0
                    || !ZERO.matcher(Ascii.trim(member, semicolon + 1, member.length()))
                            .matches();
            if (name.equals(coding) || (coding.equals("gzip") && name.equals("x-gzip"))) {
                return wanted;
            }
            if (name.equals("*")) {
                byAsterisk = wanted;
            }
        }
        return byAsterisk == null ? unnamed : byAsterisk;
    }
}
