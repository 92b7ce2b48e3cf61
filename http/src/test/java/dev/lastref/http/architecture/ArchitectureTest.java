package dev.lastref.http.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import dev.lastref.http.Prerequisites;
import dev.lastref.http.config.Configuration;
import dev.lastref.http.config.MemoryBudget;
import dev.lastref.http.config.Setting;
import dev.lastref.metrics.MetricsText;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which way dependencies go: http to cache to pool, metrics beside them, and the native seam behind the pool. */
class ArchitectureTest {
    private static final String OURS = "dev.lastref..";
    private static final String POOL = "dev.lastref.pool..";
    private static final String CACHE = "dev.lastref.cache..";
    private static final String METRICS = "dev.lastref.metrics..";
    private static final String HTTP = "dev.lastref.http..";

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("dev.lastref");

    private static DescribedPredicate<JavaClass> in(String... packages) {
        return JavaClass.Predicates.resideInAnyPackage(packages);
    }

    private static DescribedPredicate<JavaClass> oursBut(String... packages) {
        return in(OURS).and(DescribedPredicate.not(in(packages)));
    }

    @Test
    void allModulesAreLookedAt() {
        for (String name : new String[] {
            "dev.lastref.pool.TmpfsPool",
            "dev.lastref.pool.linux.MemFile",
            "dev.lastref.cache.ResponseCache",
            "dev.lastref.cache.semantics.CacheKey",
            "dev.lastref.metrics.LastrefMetrics",
            "dev.lastref.http.Sidecar"
        }) {
            assertThat(CLASSES.contain(name)).as(name).isTrue();
        }
        assertThat(CLASSES.stream().filter(c -> c.getPackageName().contains("testing")))
                .isEmpty();
    }

    @Test
    void onlyTheNativeSeamKnowsJna() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.lastref.pool.linux")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.sun.jna..")
                .check(CLASSES);
    }

    @Test
    void theNativeSeamKnowsNothingOfThePool() {
        noClasses()
                .that()
                .resideInAPackage("dev.lastref.pool.linux")
                .should()
                .dependOnClassesThat(oursBut("dev.lastref.pool.linux"))
                .check(CLASSES);
    }

    @Test
    void thePoolStandsAlone() {
        noClasses()
                .that()
                .resideInAPackage(POOL)
                .should()
                .dependOnClassesThat(oursBut(POOL))
                .check(CLASSES);
        classes()
                .that()
                .resideInAPackage(POOL)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(POOL, "java..", "com.sun.jna..", "org.jspecify.annotations")
                .check(CLASSES);
    }

    @Test
    void theCacheKnowsThePoolCaffeineAndStructuredFieldsOnly() {
        classes()
                .that()
                .resideInAPackage(CACHE)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        CACHE,
                        "dev.lastref.pool",
                        "com.github.benmanes.caffeine..",
                        "org.greenbytes.http.sfv",
                        "java..",
                        "org.jspecify.annotations",
                        "com.google.errorprone.annotations..")
                .check(CLASSES);
    }

    @Test
    void whatHttpSaysAboutCachingNeedsNothingElseOfOurs() {
        noClasses()
                .that()
                .resideInAPackage("dev.lastref.cache.semantics")
                .should()
                .dependOnClassesThat(oursBut("dev.lastref.cache.semantics"))
                .check(CLASSES);
    }

    @Test
    void metricsKnowNothingOfTheServer() {
        noClasses()
                .that()
                .resideInAPackage(METRICS)
                .should()
                .dependOnClassesThat(in(HTTP, "io.undertow..", "org.xnio.."))
                .check(CLASSES);
    }

    @Test
    void onlyMetricsKnowPrometheus() {
        noClasses()
                .that()
                .resideOutsideOfPackage(METRICS)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.prometheus..")
                .check(CLASSES);
    }

    /** Else {@code config --check} would not find what a start refuses. */
    @Test
    void whatAStartRefusesOfItsSettingsItRefusesInOnePlace() {
        noClasses()
                .that()
                .doNotBelongToAnyOf(Prerequisites.class)
                .should()
                .callMethod(Configuration.class, "unusable", Setting.class, IOException.class)
                .orShould()
                .callMethod(MemoryBudget.class, "ofThisProcess", Long.class)
                .check(CLASSES);
    }

    @Test
    void onlyTheAssemblingPackageKnowsMetricsAndAdministrationTheirText() {
        DescribedPredicate<JavaClass> text = JavaClass.Predicates.belongToAnyOf(MetricsText.class);
        noClasses()
                .that()
                .resideInAPackage(OURS)
                .and(DescribedPredicate.not(in(METRICS, "dev.lastref.http", "dev.lastref.http.admin")))
                .should()
                .dependOnClassesThat(in(METRICS))
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage("dev.lastref.http.admin")
                .should()
                .dependOnClassesThat(in(METRICS).and(DescribedPredicate.not(text)))
                .check(CLASSES);
    }

    @Test
    void nothingDependsOnTheSamples() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.lastref.samples..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.lastref.samples..")
                .check(CLASSES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dev.lastref.http", "dev.lastref.cache", "dev.lastref.pool", "dev.lastref"})
    void packagesDoNotDependOnEachOtherInCircles(String root) {
        slices().assignedFrom(new EachPackage(root)).should().beFreeOfCycles().check(CLASSES);
    }

    /** Each package a slice, the root's own classes too. */
    private record EachPackage(String root) implements SliceAssignment {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
            String name = javaClass.getPackageName();
            return name.equals(root) || name.startsWith(root + ".")
                    ? SliceIdentifier.of(name)
                    : SliceIdentifier.ignore();
        }

        @Override
        public String getDescription() {
            return "every package from " + root + " on";
        }
    }
}
