package dev.lastref.samples.origin;

/**
 * Square pictures of the Mandelbrot set, addressed as map tiles are: at zoom {@code z} the world is {@code 2^z} tiles wide and high, and
 * tile 0/0 is at the top left.
 */
final class Mandelbrot {

    /** Pixels a side. */
    static final int SIZE = 256;
    /** At 32 a point is 1.4e-12 wide; from about 40 on, doubles no longer tell neighbours apart. */
    static final int MAX_ZOOM = 32;

    /** Points computed for one pixel, along each side. */
    private static final int SAMPLES = 2;

    private static final int MAX_ITERATIONS = 1200;

    private static final double LEFT = -2.25;
    private static final double TOP = 1.5;
    private static final double WORLD = 3.0;

    /** Far beyond 2, so that the fractional iteration count is smooth. */
    private static final double ESCAPE_SQUARED = 1 << 16;

    private static final int[] PALETTE = palette();

    private Mandelbrot() {}

    /** The tile's pixels from the top left, three bytes each: red, green, blue. */
    static byte[] render(int zoom, long x, long y) {
        double step = WORLD / (1L << zoom) / (SIZE * SAMPLES);
        double left = LEFT + WORLD / (1L << zoom) * x;
        double top = TOP - WORLD / (1L << zoom) * y;
        int limit = Math.min(350 + 50 * zoom, MAX_ITERATIONS);
        byte[] rgb = new byte[3 * SIZE * SIZE];
        int at = 0;
        for (int row = 0; row < SIZE; row++) {
            for (int column = 0; column < SIZE; column++) {
                int red = 0;
                int green = 0;
                int blue = 0;
                for (int sample = 0; sample < SAMPLES * SAMPLES; sample++) {
                    double re = left + (column * SAMPLES + sample % SAMPLES + 0.5) * step;
                    double im = top - (row * SAMPLES + sample / SAMPLES + 0.5) * step;
                    int colour = colour(re, im, limit);
                    red += colour >> 16;
                    green += colour >> 8 & 0xFF;
                    blue += colour & 0xFF;
                }
                rgb[at++] = (byte) (red / (SAMPLES * SAMPLES));
                rgb[at++] = (byte) (green / (SAMPLES * SAMPLES));
                rgb[at++] = (byte) (blue / (SAMPLES * SAMPLES));
            }
        }
        return rgb;
    }

    private static int colour(double re, double im, int limit) {
        double x = 0;
        double y = 0;
        double xx = 0;
        double yy = 0;
        int n = 0;
        while (xx + yy <= ESCAPE_SQUARED && n < limit) {
            y = 2 * x * y + im;
            x = xx - yy + re;
            xx = x * x;
            yy = y * y;
            n++;
        }
        if (n == limit) {
            return 0x0B1020;
        }
        double smooth = n + 1 - Math.log(Math.log(xx + yy) / 2) / Math.log(2);
        return PALETTE[(int) (160 * Math.sqrt(Math.max(0, smooth))) & (PALETTE.length - 1)];
    }

    private static int[] palette() {
        int[] palette = new int[1024];
        for (int i = 0; i < palette.length; i++) {
            double turn = (double) i / palette.length;
            palette[i] = channel(turn + 0.55) << 16 | channel(turn + 0.45) << 8 | channel(turn + 0.30);
        }
        return palette;
    }

    private static int channel(double turn) {
        return (int) Math.round(127.5 - 127.5 * Math.cos(2 * Math.PI * turn));
    }
}
