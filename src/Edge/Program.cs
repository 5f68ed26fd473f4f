using Edge.Hosting;

return await EdgeCommand.Run(args);
