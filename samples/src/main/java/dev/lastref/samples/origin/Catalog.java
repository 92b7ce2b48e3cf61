package dev.lastref.samples.origin;

/** {@code /catalog/{id}}: many small objects; entry {@code id} stays fresh for {@code 1 + id % 10} seconds. */
final class Catalog implements Resource {

    private static final long SEED = 0x5EED_0003;
    private static final String[] MATERIALS = {"oak", "brass", "linen", "slate", "glass", "cork", "wool", "steel"};
    private static final String[] THINGS = {"lamp", "stool", "kettle", "clock", "basket", "shelf", "bowl", "screen"};
    private static final String[] PLACES = {
        "workshop", "kitchen", "garden", "attic", "harbour", "library", "studio", "barn"
    };

    @Override
    public Answer answer(Request request) {
        request.requireSegments(2);
        long id = request.segment(1, "id", 0, Long.MAX_VALUE);
        return new Answer(Answer.JSON, Answer.maxAge(1 + id % 10), "catalog-" + id, () -> Body.of(toJson(id)));
    }

    private static String toJson(long id) {
        long random = Mix.at(SEED, id);
        String name = word(MATERIALS, random) + " " + word(THINGS, random >>> 3);
        return """
                {
                  "id": %d,
                  "name": "%s",
                  "cents": %d,
                  "inStock": %d,
                  "description": "A %s for the %s, made in small numbers. Goes well with the %s %s. \
                Keep it dry, keep it away from the %s, and it outlives you."
                }
                """.formatted(
                        id,
                        name,
                        500 + (random >>> 32) % 50_000,
                        (random >>> 24) % 100,
                        name,
                        word(PLACES, random >>> 6),
                        word(MATERIALS, random >>> 9),
                        word(THINGS, random >>> 12),
                        word(PLACES, random >>> 15));
    }

    private static String word(String[] words, long random) {
        return words[(int) random & (words.length - 1)];
    }
}
