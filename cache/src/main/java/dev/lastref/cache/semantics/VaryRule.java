package dev.lastref.cache.semantics;

import java.util.List;
import java.util.TreeSet;

/**
 * Which fields of a request select among the responses of a resource: the Vary field, read (RFC 9110, section 12.5.5;
 * RFC 9111, section 4.1).
 *
 * <p>The names are in lower case and sorted, so that a response that lists them in another order states the same rule.
 * A Vary with a member that is no field name counts as {@code *}: what it meant cannot be known.
 *
 * <p>Immutable.
 */
public final class VaryRule {
    /** The response does not vary. */
    public static final VaryRule NONE = new VaryRule(false, List.of());

    /** {@code Vary: *}: the response fits no request but the one that brought it. */
    public static final VaryRule ANY = new VaryRule(true, List.of());

    private final boolean any;
    private final List<String> names;

    private VaryRule(boolean any, List<String> names) {
        this.any = any;
        this.names = names;
    }

    /** The rule that a response states. */
    public static VaryRule of(FieldList response) {
        List<String> members = Members.of(response, "Vary");
        if (members.isEmpty()) {
            return NONE;
        }
        TreeSet<String> names = new TreeSet<>();
        for (String member : members) {
            if (member.equals("*") || !Ascii.isToken(member)) {
                return ANY;
            }
            names.add(Ascii.lower(member));
        }
        return new VaryRule(false, List.copyOf(names));
    }

    /**
     * This rule, and these fields beside those that the response named.
     *
     * @param more names in lower case
     */
    public VaryRule and(List<String> more) {
        if (any || more.isEmpty()) {
            return this;
        }
        TreeSet<String> all = new TreeSet<>(names);
        all.addAll(more);
        return new VaryRule(false, List.copyOf(all));
    }

    public boolean isNone() {
        return !any && names.isEmpty();
    }

    public boolean isAny() {
        return any;
    }

    /** In lower case and sorted; empty for {@link #NONE} and {@link #ANY}. */
    public List<String> names() {
        return names;
    }

    /**
     * What the request says in the fields of this rule, for {@link CacheKey#withVariant}: equal for two requests exactly
     * where each field is absent from both, or has the same value in both after its lines were trimmed and combined.
     *
     * <p>{@code name;} stands for an absent field and {@code name=length:value;} for one with a value. The length keeps a
     * value from posing as a further field; the names keep the variants of a rule apart from those of the rule before it.
     *
     * @throws IllegalStateException for {@link #ANY}, which no request matches
     */
    public String variantOf(FieldList request) {
        if (any) {
            throw new IllegalStateException("Vary: * has no variants; ask isAny() first");
        }
        StringBuilder variant = new StringBuilder();
        for (String name : names) {
            variant.append(name);
            List<String> lines = request.all(name);
            if (!lines.isEmpty()) {
                String value = SelectingFields.normalised(name, lines);
                variant.append('=').append(value.length()).append(':').append(value);
            }
            variant.append(';');
        }
        return variant.toString();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof VaryRule that && any == that.any && names.equals(that.names);
    }

    @Override
    public int hashCode() {
        return 31 * names.hashCode() + Boolean.hashCode(any);
    }

    @Override
    public String toString() {
        return any ? "*" : String.join(", ", names);
    }
}
