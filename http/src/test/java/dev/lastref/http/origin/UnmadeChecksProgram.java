package dev.lastref.http.origin;

import dev.lastref.pool.Descriptors;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Checks two origins, takes all descriptors that this process may have, checks them again, gives the descriptors back and checks them once
 * more. Prints what is thought of the origins each time, and how often it was told that there was no descriptor. In a process of its own, since nothing else works meanwhile.
 */
final class UnmadeChecksProgram {
    private UnmadeChecksProgram() {}

    public static void main(String[] urls) throws Exception {
        Duration second = Duration.ofSeconds(1);
        OriginSettings settings = new OriginSettings(
                List.of(URI.create(urls[0]), URI.create(urls[1])),
                new OriginTimeouts(second, second, second, second),
                new OriginSettings.Health(false, null, second, Duration.ofSeconds(10), 1, 1, 1, second),
                1,
                1,
                second,
                null);
        AtomicInteger ranOut = new AtomicInteger();
        Descriptors counted = new Descriptors() {
            @Override
            public boolean areScarce() {
                return false;
            }

            @Override
            public void ranOut() {
                ranOut.incrementAndGet();
            }
        };
        try (Origins origins = new Origins(settings, null, counted)) {
            List<Origin> both = settings.bases().stream()
                    .map(base -> new Origin(base, settings, null))
                    .toList();
            both.forEach(Origin::resolve);
            checkAndPrint("with", origins, both);
            Class.forName(HealthCheck.NotMade.class.getName()); // there is no descriptor to load it with
            StringBuilder without = new StringBuilder();
            List<InputStream> taken = takeAll();
            try {
                check(origins, both);
                print("without", both, without);
            } finally {
                for (InputStream one : taken) {
                    one.close();
                }
            }
            System.out.print(without);
            checkAndPrint("again", origins, both);
            System.out.println("told: " + ranOut);
        }
    }

    private static List<InputStream> takeAll() {
        List<InputStream> taken = new ArrayList<>();
        try {
            while (true) {
                taken.add(new FileInputStream("/dev/null"));
            }
        } catch (IOException noneLeft) {
            return taken;
        }
    }

    private static void checkAndPrint(String when, Origins origins, List<Origin> both) {
        StringBuilder lines = new StringBuilder();
        check(origins, both);
        print(when, both, lines);
        System.out.print(lines);
    }

    private static void check(Origins origins, List<Origin> both) {
        both.forEach(origins::check);
    }

    private static void print(String when, List<Origin> both, StringBuilder to) {
        for (Origin origin : both) {
            OriginTally.Failure last = origin.tally().last();
            to.append(when).append(": ").append(origin.health().state());
            to.append(", ").append(last == null ? "no error" : last.why()).append('\n');
        }
    }
}
