export const home = {
  connect: "Connect",
};
