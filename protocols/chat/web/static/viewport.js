// The part of the page that is seen: a phone's keyboard covers the rest. Browsers
// that resize the page themselves (interactive-widget) make no difference here.

export function followViewport(onChange) {
  const { visualViewport } = window;
  if (!visualViewport) return;
  const follow = () => {
    // Zoomed in by two fingers, one looks at a part on purpose.
    if (visualViewport.scale > 1.01) return;
    const { style } = document.documentElement;
    const isCovered = visualViewport.height < window.innerHeight - 1;
    if (isCovered) style.setProperty("--visible", `${visualViewport.height}px`);
    else style.removeProperty("--visible");
    if (isCovered) window.scrollTo(0, 0);
    onChange();
  };
  visualViewport.addEventListener("resize", follow);
}
