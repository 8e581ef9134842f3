import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import type { RowSource } from "../records/row-source.ts";
import { ScrollWindow } from "./scroll-window.ts";

/** Rows that are loaded beyond those in sight. */
const overscan = 30;

/** Milliseconds without scrolling. */
const restAfter = 160;

interface RowWindowOptions {
  readonly source: RowSource;
  /** The row to begin with. */
  readonly firstRow: number;
  /** Pixels of a row, and of the head above the rows. */
  readonly height: number;
  readonly top: number;
  /** Called when scrolling has come to rest. */
  readonly onRest: (firstRow: number) => void;
}

interface RowWindow {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly view: ScrollWindow;
  /** The row that the keys move. */
  readonly active: number;
  readonly setActive: (row: number) => void;
  /** Whether something lies beyond the right edge. */
  readonly isCut: boolean;
  readonly onScroll: () => void;
  /** Makes a row the active one, and shows it. */
  go(row: number): void;
}

/** The rows in sight of a table of any length: follows its scrolling, and loads the rows near them. */
export function useRowWindow({ source, firstRow, height, top, onRest }: RowWindowOptions): RowWindow {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  const scroller = useRef<HTMLDivElement>(null);
  const view = useMemo(() => new ScrollWindow(height), [source, height]);
  const [active, setActive] = useState(firstRow);
  const [isCut, setIsCut] = useState(false);
  const start = useRef<number | undefined>(undefined);
  const rest = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  useEffect(() => source.subscribe(() => draw(undefined)), [source]);
  useLayoutEffect(() => {
    start.current = firstRow;
    setActive(firstRow);
  }, [view]);
  useLayoutEffect(() => {
    const resize = new ResizeObserver(() => draw(undefined));
    resize.observe(scroller.current as HTMLDivElement);
    return () => resize.disconnect();
  }, []);

  view.resize(source.count, (scroller.current?.clientHeight ?? 0) - top);
  const moveTo = (scrollTop: number) => {
    if (scroller.current !== null) scroller.current.scrollTop = scrollTop;
  };
  useLayoutEffect(() => {
    if (scroller.current === null || scroller.current.clientHeight === 0) return;
    const { scrollWidth, clientWidth, scrollLeft } = scroller.current;
    setIsCut(scrollWidth - clientWidth - Math.abs(scrollLeft) > 1);
    view.resize(source.count, scroller.current.clientHeight - top);
    if (start.current !== undefined && (source.count > start.current || source.isCountExact)) {
      moveTo(view.show(start.current));
      start.current = undefined;
      draw(undefined);
    }
    source.want(Math.max(0, view.first - overscan), Math.max(view.last, view.first + view.size) + overscan);
  });

  const whenAtRest = (report: () => void) => {
    clearTimeout(rest.current);
    rest.current = setTimeout(report, restAfter);
  };
  const onScroll = () => {
    if (scroller.current === null) return;
    view.follow(scroller.current.scrollTop);
    draw(undefined);
    whenAtRest(() => {
      moveTo(view.settle());
      onRest(view.first);
    });
  };
  const go = (row: number) => {
    const place = Math.max(0, Math.min(source.count - 1, row));
    setActive(place);
    moveTo(view.reveal(place));
    whenAtRest(() => onRest(view.first));
  };
  return { scroller, view, active, setActive, isCut, onScroll, go };
}
