(() => {
  const field = document.querySelector("[data-from-fragment]");
  const fill = () => {
    const told = location.hash.slice(1);
    if (!field || !/^[\w-]{6,80}$/.test(told) || document.getElementById(told)) return;
    field.value = told;
    history.replaceState(null, "", location.pathname + location.search);
  };
  fill();
  addEventListener("hashchange", fill);
})();
