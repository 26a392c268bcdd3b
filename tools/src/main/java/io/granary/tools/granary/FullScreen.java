package io.granary.tools.granary;

/** The terminal's other screen, on which a page is shown over and over; when it is closed the first is as it was. */
final class FullScreen implements AutoCloseable {

    private static final String ENTER = "\u001b[?1049h\u001b[?25l\u001b[2J";
    private static final String LEAVE = "\u001b[?25h\u001b[?1049l";
    private static final String HOME = "\u001b[H";
    private static final String REST_OF_LINE = "\u001b[K";
    private static final String REST_OF_SCREEN = "\u001b[J";

    private final Screen screen;
    /** Ctrl-C ends the process without asking anybody. */
    private final Thread leaving;

    FullScreen(Screen screen) {
        this.screen = screen;
        this.leaving = Thread.ofPlatform().unstarted(() -> screen.sayPart(LEAVE));
        Runtime.getRuntime().addShutdownHook(leaving);
        screen.sayPart(ENTER);
    }

    void show(String page) {
        screen.sayPart(HOME + page.stripTrailing().replace("\n", REST_OF_LINE + "\n") + REST_OF_LINE + REST_OF_SCREEN);
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(leaving);
        screen.sayPart(LEAVE);
    }
}
