package dev.lastref.http.soak;

import dev.lastref.pool.testing.SeededBytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A resource of the origin: its versions, when each of them ended, and before which of them nobody may be any more. */
final class Resource {
    static final List<String> LANGUAGES = List.of("de", "fr");
    /** More than one, so that no length is that of another resource's version. */
    private static final int LENGTH_STEP = 13;

    private final int number;
    private final Terms terms;
    private final int length;
    private final boolean varies;
    private final List<Long> endedNanos = new ArrayList<>();
    private int floor;

    /**
     * @param length of its first version in bytes, and less than that of any other
     */
    Resource(int number, Terms terms, int length, boolean varies) {
        this.number = number;
        this.terms = terms;
        this.length = length;
        this.varies = varies;
    }

    /** One of them, those in front much more often. */
    static Resource next(Random random, List<Resource> all) {
        return all.get((int) (all.size() * Math.pow(random.nextDouble(), 3)));
    }

    Terms terms() {
        return terms;
    }

    boolean varies() {
        return varies;
    }

    String target() {
        return "/r/" + number;
    }

    /** Some resources have the same. */
    String surrogateKey() {
        return "k" + number % 7;
    }

    synchronized int version() {
        return endedNanos.size();
    }

    /** The next version is there from now on. Returns it. */
    synchronized int change() {
        endedNanos.add(System.nanoTime());
        return endedNanos.size();
    }

    /** For how long there has been a later version; negative: there is none. */
    synchronized long endedFor(int version, long nowNanos) {
        return version >= endedNanos.size() ? -1 : nowNanos - endedNanos.get(version);
    }

    /** Who asks from now on gets this version, or a later one. */
    synchronized void atLeast(int version) {
        floor = Math.max(floor, version);
    }

    synchronized int floor() {
        return floor;
    }

    int leastLength() {
        return length;
    }

    int length(int version) {
        return length + version % 100 * LENGTH_STEP;
    }

    byte[] content(int version, String language, long from, int bytes) {
        long seed = number * 1_000_003L + version * 31L + (varies ? language.hashCode() : 0);
        return SeededBytes.of(seed, from, bytes);
    }

    String tag(int version, String language) {
        return "\"" + number + "-" + version + (varies ? "-" + language : "") + "\"";
    }

    /** The version that a tag names. Throws if it is not of this resource, or in another language. */
    int versionOf(String tag, String language) {
        String[] words = tag == null ? new String[0] : tag.replace("\"", "").split("-");
        int version = words.length > 1 ? Integer.parseInt(words[1]) : -1;
        if (version < 0 || version > version() || !tag.equals(tag(version, language))) {
            throw new AssertionError("the tag " + tag + " for " + target() + " in " + language);
        }
        return version;
    }

    @Override
    public String toString() {
        return target() + " (" + terms + (varies ? ", varies)" : ")");
    }
}
