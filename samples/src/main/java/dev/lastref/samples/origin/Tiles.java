package dev.lastref.samples.origin;

/** {@code /tiles/{z}/{x}/{y}.png}: a Mandelbrot tile, computed for every request. */
final class Tiles implements Resource {

    private static final long LIFETIME_SECONDS = 60;
    private static final String SUFFIX = ".png";

    @Override
    public Answer answer(Request request) {
        request.requireSegments(4);
        String file = request.segments().get(3);
        if (!file.endsWith(SUFFIX)) {
            throw request.noSuchPath();
        }
        long zoom = request.segment(1, "z", Long.MIN_VALUE, Long.MAX_VALUE);
        long x = request.segment(2, "x", Long.MIN_VALUE, Long.MAX_VALUE);
        long y =
                Request.number("y", file.substring(0, file.length() - SUFFIX.length()), Long.MIN_VALUE, Long.MAX_VALUE);
        if (zoom < 0 || zoom > Mandelbrot.MAX_ZOOM) {
            throw Refusal.notFound("There is no zoom " + zoom + "; tiles exist from 0 to " + Mandelbrot.MAX_ZOOM + ".");
        }
        long side = 1L << zoom;
        if (x < 0 || x >= side || y < 0 || y >= side) {
            throw Refusal.notFound("There is no tile " + x + "/" + y + " at zoom " + zoom + "; x and y run from 0 to "
                    + (side - 1) + ".");
        }
        return new Answer(
                "image/png",
                Answer.maxAge(LIFETIME_SECONDS),
                "tile-" + zoom + "-" + x + "-" + y,
                () -> Body.of(Png.encode(Mandelbrot.SIZE, Mandelbrot.SIZE, Mandelbrot.render((int) zoom, x, y))));
    }
}
