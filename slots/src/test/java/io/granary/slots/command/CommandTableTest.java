package io.granary.slots.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CommandTableTest {

    private static final List<Command<Object>> ROWS = List.of(
            row("GET"), row("SET"), row("PEXPIRETIME"), row("GETRANGE"), row("GEORADIUSBYMEMBER"),
            row("GEORADIUSBYMEMBER_RO"), row("ZREVRANGEBYSCORE"), Command.<Object>container("CLUSTER"), row("CLUSTER SLOTS"),
            row("CLUSTER COUNT-FAILURE-REPORTS"), row("COMMAND").arity(-1), row("COMMAND COUNT"));

    private final CommandTable<Object> table = new CommandTable<>(List.of(ROWS));

    private static Command<Object> row(String name) {
        return Command.of(name, "", (Object _) -> { });
    }

    @Test
    void aCommandIsFoundInAnyCase() {
        for (Command<Object> row : ROWS) {
            for (String name : List.of(row.name(), row.name().toLowerCase(), "gEt")) {
                Command<Object> found = table.find(Requests.of(name.split(" ")));
                assertEquals(name.equals("gEt") ? "GET" : row.name(), found.name());
            }
        }
    }

    @Test
    void onlyTheExactNameIsFound() {
        for (String name : List.of("", "G", "GE", "GETT", "GEX", "PEXPIRETIMF", "PEXPIRATIME", "GEORADIUSBXMEMBER",
                "GETRANGF", "GET\0", "G\u0005T", "\u00c7ET", "geoRadiusByMember_r", "[ET", "`ET", "{ET",
                "ZREVRANGEBYSCOREZ")) {
            assertNull(table.find(Requests.of(name)), name);
        }
    }

    @Test
    void noOtherNameOfRandomBytesIsFound() {
        long seed = 20261122;
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            char[] name = ROWS.get(random.nextInt(ROWS.size())).name().toCharArray();
            name[random.nextInt(name.length)] = (char) random.nextInt(256);
            String text = new String(name);
            boolean known = ROWS.stream().anyMatch(row -> text.indexOf(' ') < 0 && upper(text).equals(row.name()));
            assertEquals(known, table.find(Requests.of(text)) != null, () -> "seed " + seed + ": " + text);
        }
    }

    private static String upper(String text) {
        StringBuilder upper = new StringBuilder();
        text.chars().forEach(c -> upper.append((char) (c >= 'a' && c <= 'z' ? c - 32 : c)));
        return upper.toString();
    }

    @Test
    void aContainerAloneIsItselfAndWithAWordItsSubcommand() {
        assertEquals("CLUSTER", table.find(Requests.of("cluster")).name());
        assertEquals("cluster|slots", table.find(Requests.of("cluster", "Slots", "more")).fullName());
        assertEquals("command", table.find(Requests.of("command")).fullName());
        assertNull(table.find(Requests.of("cluster", "slot")));
        assertEquals("GET", table.find(Requests.of("get", "slots")).name());
        assertSame(table.find("cluster"), table.find("cluster", "slots").container());
        assertSame(table.find("CLUSTER|slots"), table.find("cluster", "SLOTS"));
        assertNull(table.find("cluster|"));
        assertNull(table.find("get|slots"));
        assertNull(table.find("cluster slots"));
    }

    @Test
    void unknownNamesGetRedissAnswers() {
        assertEquals("ERR unknown command 'foo', with args beginning with: 'a' 'b' ", unknown("foo", "a", "b"));
        assertEquals("ERR unknown command 'foo', with args beginning with: ", unknown("foo"));
        assertEquals("ERR unknown subcommand 'foo'. Try CLUSTER HELP.", unknown("cLuster", "foo"));
        assertEquals("ERR wrong number of arguments for 'cluster|slots' command",
                Errors.wrongArity(table.find("cluster|slots")).text());
    }

    @Test
    void anUnknownCommandIsRepeatedUpTo128Bytes() {
        String x = "x".repeat(200);
        String head = x.substring(0, 128);
        assertEquals("ERR unknown command '" + head + "', with args beginning with: '" + head + "' ", unknown(x, x, "b"));
        String first = x.substring(0, 100);
        assertEquals("ERR unknown command 'f', with args beginning with: '" + first + "' '" + x.substring(0, 25) + "' ",
                unknown("f", first, x, "b"));
    }

    private String unknown(String... words) {
        return table.unknown(Requests.of(words)).text();
    }

    @Test
    void indexesAreDense() {
        List<Integer> indexes = table.all().stream().map(Command::index).toList();
        assertEquals(ROWS.size(), table.size());
        assertEquals(ROWS.size(), new HashSet<>(indexes).size());
        for (int i = 0; i < table.size(); i++) {
            assertEquals(i, table.all().get(i).index());
        }
        assertEquals(-1, ROWS.getFirst().index());
    }

    @Test
    void renamedCommandsAnswerToTheNewNameOnly() {
        Map<String, String> renames = Map.of("get", "Take-It", "SET", "", "cluster", "c");
        CommandTable<Object> renamed = new CommandTable<>(List.of(ROWS), renames);
        assertEquals("GET", renamed.find(Requests.of("take-it")).name());
        assertNull(renamed.find(Requests.of("get")));
        assertNull(renamed.find(Requests.of("set")));
        assertEquals("cluster|slots", renamed.find(Requests.of("C", "slots")).fullName());
        assertEquals(table.size() - 1, renamed.size());
        assertFalse(renamed.all().stream().anyMatch(row -> row.name().equals("SET")));
    }

    @Test
    void aRenameThatCannotBeIsRefused() {
        assertEquals("No such command in rename-command", refusal(Map.of("nosuch", "x")));
        assertEquals("Target command name already exists", refusal(Map.of("get", "set")));
    }

    private static String refusal(Map<String, String> renames) {
        return assertThrows(IllegalArgumentException.class, () -> new CommandTable<Object>(List.of(ROWS), renames))
                .getMessage();
    }

    @Test
    void mistakesInTheRowsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new CommandTable<Object>(List.of(List.of(row("A"), row("A")))));
        assertThrows(IllegalArgumentException.class, () -> new CommandTable<Object>(List.of(List.of(row("A B")))));
        Command<Object> keyless = Command.of("GET", "key", (Object _) -> { });
        assertThrows(IllegalArgumentException.class, () -> new CommandTable<Object>(List.of(List.of(keyless))));
    }

    @Test
    void rowsForAWiderKindOfCallServeANarrowerTable() {
        CommandTable<String> narrow = new CommandTable<>(List.of(ROWS, List.of(Command.of("X", "", (String _) -> { }))));
        assertNotNull(narrow.find("get").body());
        narrow.find("x").body().run("call");
    }

    @Test
    void categoriesFollowFromTheGroupAndTheFlags() {
        Command<Object> get = row("GET").group(Group.STRING).flags(CommandFlag.READONLY, CommandFlag.FAST);
        assertEquals("read string fast", categories(get));
        assertEquals("admin slow dangerous", categories(row("DEBUG").group(Group.SERVER).flags(CommandFlag.ADMIN)));
        assertEquals("keyspace write slow dangerous", categories(row("FLUSHALL").group(Group.SERVER).flags(CommandFlag.WRITE)
                .categories(AclCategory.KEYSPACE, AclCategory.DANGEROUS)));
        assertEquals("slow", categories(Command.container("CLIENT").group(Group.CONNECTION)));
        assertEquals("slow scripting", categories(row("EVAL_RO").group(Group.SCRIPTING).flags(CommandFlag.READONLY)));
    }

    private static String categories(Command<Object> row) {
        List<String> texts = new ArrayList<>();
        for (AclCategory category : AclCategory.values()) {
            if ((row.categoryBits() & category.bit()) != 0) {
                texts.add(category.text());
            }
        }
        return String.join(" ", texts);
    }

    @Test
    void aFamilyGivesItsGroupToRowsWithoutOne() {
        List<Command<Object>> family = Command.family(Group.STRING, row("GET"), row("SETBIT").group(Group.BITMAP));
        assertEquals(Group.STRING, family.getFirst().group());
        assertEquals(Group.BITMAP, family.getLast().group());
        assertTrue(family.getFirst().accepts(1));
    }
}
