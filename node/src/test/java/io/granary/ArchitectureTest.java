package io.granary;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.granary.gossip.Gossip;
import io.granary.node.Node;
import io.granary.persistence.disk.Disk;
import io.granary.resp.Request;
import io.granary.slots.Slot;
import java.io.IOException;
import java.util.Set;
import java.util.Timer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The rules of ARCHITECTURE.md that a compiler does not check. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ArchitectureTest {

    private static final String[] BELOW_NODE =
        {"io.granary.resp..", "io.granary.slots..", "io.granary.gossip..", "io.granary.persistence.."};

    private static final Set<String> CLOCK_METHODS = Set.of("now", "currentTimeMillis", "nanoTime");

    private static final Set<String> CHANCE = Set.of("java.util.Random", "java.util.SplittableRandom",
            "java.security.SecureRandom", "java.util.UUID", "java.util.concurrent.ThreadLocalRandom");

    /** What may be static: values that nobody can change. */
    private static final Set<String> UNCHANGEABLE = Set.of(
            "java.lang.String", "java.util.List", "java.util.Set", "java.util.Map", "java.util.Optional",
            "java.util.OptionalInt", "java.util.OptionalLong", "java.util.Comparator", "java.util.function.Function",
            "java.util.function.Predicate", "java.util.regex.Pattern", "java.nio.charset.Charset", "java.nio.ByteOrder",
            "java.nio.file.Path", "java.time.Duration", "java.time.Instant", "java.time.ZoneId",
            "java.time.format.DateTimeFormatter", "java.math.BigDecimal", "java.math.BigInteger",
            "java.lang.invoke.VarHandle", "java.lang.invoke.MethodHandle", "java.lang.foreign.Linker",
            "java.lang.foreign.MemoryLayout", "java.lang.foreign.StructLayout", "java.lang.foreign.MemorySegment",
            "org.slf4j.Logger");

    private JavaClasses granary;

    @BeforeAll
    void readTheClasses() {
        granary = new ClassFileImporter().importUrls(
                Stream.of(Request.class, Slot.class, Gossip.class, Disk.class, Node.class).map(
                        type -> type.getProtectionDomain().getCodeSource().getLocation()).toList());
    }

    private void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(granary);
    }

    @Test
    void theModulesPointDownwards() {
        check(layeredArchitecture().consideringOnlyDependenciesInLayers().withOptionalLayers(true)
                .layer("node").definedBy("io.granary.node..")
                .layer("persistence").definedBy("io.granary.persistence..")
                .layer("gossip").definedBy("io.granary.gossip..")
                .layer("slots").definedBy("io.granary.slots..")
                .layer("resp").definedBy("io.granary.resp..")
                .whereLayer("node").mayNotBeAccessedByAnyLayer()
                .whereLayer("persistence").mayOnlyBeAccessedByLayers("node")
                .whereLayer("gossip").mayOnlyBeAccessedByLayers("node")
                .whereLayer("slots").mayOnlyBeAccessedByLayers("node", "persistence", "gossip")
                .whereLayer("resp").mayOnlyBeAccessedByLayers("node", "slots"));
    }

    @Test
    void gossipSeesOnlySlotNumbers() {
        check(noClasses().that().resideInAPackage("io.granary.gossip..").should().dependOnClassesThat()
                .resideInAnyPackage("io.granary.slots.*..", "io.granary.resp.."));
    }

    @Test
    void theTimeIsReadInNodeAlone() {
        check(noClasses().that().resideInAnyPackage(BELOW_NODE).should().accessTargetWhere(describe("reads a clock",
                access -> CLOCK_METHODS.contains(access.getTarget().getName())
                        && access.getTargetOwner().getPackageName().startsWith("java."))));
    }

    @Test
    void chanceEntersThroughNodeAlone() {
        check(noClasses().that().resideInAnyPackage(BELOW_NODE).should().accessTargetWhere(describe("draws by itself",
                access -> CHANCE.contains(access.getTargetOwner().getName()) && !access.getName().equals("from")))
                .orShould().callMethod(Math.class, "random"));
    }

    /** Two locks wait as threads do; they start none. */
    @Test
    void threadsStartInNodeAlone() {
        check(noClasses().that().resideInAnyPackage(BELOW_NODE).should().dependOnClassesThat(describe("run threads",
                type -> type.isAssignableTo(Executor.class) || type.isEquivalentTo(Timer.class)
                        || type.isEquivalentTo(CompletableFuture.class))));
        check(noClasses().that().resideInAnyPackage(BELOW_NODE)
                .and().doNotHaveSimpleName("StripeLock").and().doNotHaveSimpleName("SpinLock")
                .should().dependOnClassesThat().belongToAnyOf(Thread.class));
    }

    @Test
    void socketsAreOpenedInNodeAlone() {
        check(noClasses().that().resideInAnyPackage(BELOW_NODE).should().dependOnClassesThat()
                .resideInAnyPackage("java.net..", "java.nio.channels.spi..", "javax.net.."));
    }

    @Test
    void gossipTouchesNoFile() {
        check(noClasses().that().resideInAPackage("io.granary.gossip..").should().dependOnClassesThat()
                .resideInAnyPackage("java.io..", "java.nio.file..", "java.nio.channels..")
                .andShould().notBe(IOException.class));
    }

    @Test
    void nettyIsKnownToRespAndNodeAlone() {
        check(noClasses().that().resideOutsideOfPackages("io.granary.resp..", "io.granary.node..")
                .should().dependOnClassesThat().resideInAPackage("io.netty.."));
        check(noClasses().that().resideInAPackage("io.granary.resp..")
                .should().dependOnClassesThat(resideInAPackage("io.netty..").and(DescribedPredicate.not(
                        resideInAPackage("io.netty.buffer..").or(resideInAPackage("io.netty.util.."))))));
    }

    @Test
    void addressesAreSeenByTheStoreAlone() {
        check(noClasses().that().resideOutsideOfPackages("io.granary.slots.memory..", "io.granary.node..")
                .should().dependOnClassesThat().haveFullyQualifiedName("sun.misc.Unsafe"));
    }

    @Test
    void nothingStaticChanges() {
        check(fields().that().areStatic().and().areDeclaredInClassesThat().resideInAPackage("io.granary..")
                .should(new ArchCondition<JavaField>("be final and of an unchangeable type") {
                    @Override
                    public void check(JavaField field, ConditionEvents events) {
                        if (!isConstant(field)) {
                            events.add(SimpleConditionEvent.violated(field, field.getDescription() + " can change"));
                        }
                    }
                }));
    }

    /** Arrays cannot be made unchangeable: a static one has to be a private table, in capitals. */
    private static boolean isConstant(JavaField field) {
        if (field.getModifiers().contains(JavaModifier.SYNTHETIC)) {
            return true;
        }
        JavaClass type = field.getRawType();
        boolean unchangeable = type.isPrimitive() || type.isEnum() || type.isRecord()
                || UNCHANGEABLE.contains(type.getName())
                || type.getName().startsWith("java.lang.foreign.ValueLayout$")
                || type.isArray() && field.getModifiers().contains(JavaModifier.PRIVATE)
                || type.getPackageName().startsWith("io.granary") && hasOnlyFinalFields(type);
        return field.getModifiers().contains(JavaModifier.FINAL) && unchangeable;
    }

    private static boolean hasOnlyFinalFields(JavaClass type) {
        return type.getAllFields().stream().filter(field -> !field.getModifiers().contains(JavaModifier.STATIC))
                .filter(field -> field.getOwner().getPackageName().startsWith("io.granary"))
                .allMatch(field -> field.getModifiers().contains(JavaModifier.FINAL));
    }

    @Test
    void onlyMainEndsTheProcess() {
        check(noClasses().that().doNotHaveSimpleName("Main").should().callMethod(System.class, "exit", int.class));
    }

    private static <T> DescribedPredicate<T> describe(String description, Predicate<? super T> predicate) {
        return DescribedPredicate.describe(description, predicate);
    }
}
