package io.granary.slots.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.granary.slots.command.KeySpec.Index;
import io.granary.slots.command.KeySpec.KeyCount;
import io.granary.slots.command.KeySpec.Keyword;
import io.granary.slots.command.KeySpec.Range;
import io.granary.slots.command.Syntax.KeyPlace;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SyntaxTest {

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '~', value = {
        "1; 1; ",
        "1; 2; key",
        "1; -1; [message]",
        "1; -2; [username] password",
        "1; -2; key [key ...]",
        "1; -3; key value [key value ...]",
        "1; -3; key value [NX | XX] [GET] [EX seconds | PX milliseconds | KEEPTTL]",
        "2; 3; <YES | NO>",
        "2; -2; [command-name [command-name ...]]",
        "2; -4; slot <IMPORTING node-id | NODE node-id | STABLE>",
        "2; -3; <ip:port | <[ID client-id] | [USER username]> ...>",
        "1; 3; <host port | NO ONE>",
        "1; -1; [TO host port [FORCE]] [ABORT] [TIMEOUT milliseconds]",
        "1; -4; destination numkeys key [key ...] [WEIGHTS weight [weight ...]]",
        "1; -4; STREAMS key [key ...] id [id ...]",
    })
    void theArityCountsWhatIsMandatory(int words, int arity, String synopsis) {
        assertEquals(arity, Syntax.of(synopsis == null ? "" : synopsis).arity(words));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '~', value = {
        "key; key",
        "key value [key value ...]; {key value}+",
        "key [key ...]; key+",
        "[section [section ...]]; section+?",
        "[EX seconds | PERSIST]; (EX=seconds PERSIST)?",
        "[PREFIX prefix [PREFIX prefix ...]]; PREFIX=prefix+*?",
        "[WEIGHTS weight [weight ...]]; WEIGHTS=weight+?",
        "[LIMIT offset count]; LIMIT={offset count}?",
        "[COUNT count [ANY]]; {COUNT=count ANY?}?",
        "[protover [AUTH user password] [SETNAME clientname]]; {protover AUTH={user password}? SETNAME=clientname?}?",
        "[CONFIG name value [CONFIG name value ...]]; CONFIG={name value}+*?",
        "FILTERBY <MODULE module-name | ACLCAT category>; FILTERBY=(MODULE=module-name ACLCAT=category)",
        "<longitude latitude> member; {longitude latitude} member",
        "<[ID client-id] | [USER username]> ...; (ID=client-id? USER=username?)+",
        "<MAXLEN | MINID> [= | ~] threshold; (MAXLEN MINID) (= ~)? threshold",
        "host port <key | \"\"> db; host port (key \"\") db",
    })
    void theSynopsisIsReadAsATree(String synopsis, String tree) {
        assertEquals(tree, show(Syntax.of(synopsis).parameters()));
    }

    private static String show(List<Parameter> parameters) {
        return parameters.stream().map(SyntaxTest::show).collect(Collectors.joining(" "));
    }

    private static String show(Parameter parameter) {
        String text = switch (parameter.type()) {
            case BLOCK -> "{" + show(parameter.parts()) + "}";
            case ONEOF -> "(" + show(parameter.parts()) + ")";
            case PURE_TOKEN -> parameter.token().isEmpty() ? "\"\"" : parameter.token();
            default -> parameter.name();
        };
        return (parameter.led() ? parameter.token() + "=" : "") + text + (parameter.multiple() ? "+" : "")
                + (parameter.multipleToken() ? "*" : "") + (parameter.optional() ? "?" : "");
    }

    @Test
    void wordsHaveTypesThatTheSynopsisMayOverride() {
        assertEquals(List.of(ParameterType.KEY, ParameterType.INTEGER), types("key increment"));
        assertEquals(List.of(ParameterType.STRING, ParameterType.DOUBLE), types("key:string increment:double"));
        assertEquals(List.of(ParameterType.STRING), types("ip:port"));
        assertEquals("key increment", Syntax.of("key increment:double").text());
    }

    private static List<ParameterType> types(String synopsis) {
        return Syntax.of(synopsis).parameters().stream().map(Parameter::type).toList();
    }

    @Test
    void keysAreFoundAtFixedPlaces() {
        assertEquals(List.of(KeyPlace.at(1, 0, 1)), places("key value [NX | XX]", 1));
        assertEquals(List.of(KeyPlace.at(2, 0, 1)), places("key", 2));
        assertEquals(List.of(KeyPlace.at(1, 0, 1), KeyPlace.at(2, 0, 1)),
                places("source destination [DB destination-db]", 1));
        assertEquals(List.of(KeyPlace.at(1, -1, 1)), places("key [key ...]", 1));
        assertEquals(List.of(KeyPlace.at(1, -1, 2)), places("key value [key value ...]", 1));
        assertEquals(List.of(KeyPlace.at(1, -2, 1)), places("key [key ...] timeout", 1));
        assertEquals(List.of(KeyPlace.at(2, 0, 1), KeyPlace.at(3, -1, 1)),
                places("<AND | OR | XOR | NOT> destkey key [key ...]", 1));
    }

    @Test
    void keysAreFoundBehindCountsAndWords() {
        assertEquals(List.of(KeyPlace.at(1, 0, 1), new KeyPlace(new Index(2), new KeyCount(0, 1, 1))),
                places("destination numkeys key [key ...] [WEIGHTS weight [weight ...]]", 1));
        assertEquals(List.of(new KeyPlace(new Keyword("STREAMS", 4), new Range(-1, 1, 2))),
                places("GROUP <group consumer> [COUNT count] STREAMS <key [key ...] id [id ...]>", 1));
        assertEquals(List.of(KeyPlace.at(1, 0, 1), new KeyPlace(new Keyword("STORE", 6), new Range(0, 1, 0))),
                places("key longitude latitude radius <M | KM> [WITHCOORD] [STORE key]", 1));
        assertEquals(List.of(new KeyPlace(new Keyword("STORE", 1), new Range(0, 1, 0)),
                new KeyPlace(new Keyword("STOREDIST", 1), new Range(0, 1, 0))), places("[STORE key | STOREDIST key]", 1));
    }

    private static List<KeyPlace> places(String synopsis, int words) {
        return Syntax.of(synopsis).keyPlaces(words);
    }

    @Test
    void aMalformedSynopsisIsRefused() {
        for (String synopsis : List.of("[key", "key]", "<a | >", "... key", "<a b", "a | b")) {
            IllegalArgumentException refusal =
                    assertThrows(IllegalArgumentException.class, () -> Syntax.of(synopsis), synopsis);
            assertTrue(refusal.getMessage().contains(synopsis));
        }
    }
}
